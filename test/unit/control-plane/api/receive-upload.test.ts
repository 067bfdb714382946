import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { problemOf } from '#control-plane/api/problem.ts';
import { receiveUpload } from '#control-plane/api/receive-upload.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const KIB = 1024;

function world(path = '/api/v1/worker/artifacts') {
  const clock = createFakeClock();
  const watched = new Set<AbortController>();
  const app = new Hono<AppEnv>();
  app.onError((error) => problemOf(error, (text) => text).response(undefined));
  app.use(receiveUpload(clock, { watch: (_, ending) => void watched.add(ending) }));
  app.all('*', async (context) => {
    /* As the reader of an archive does, which takes each error for one of the archive. */
    const size = await context.req.arrayBuffer().then(
      (bytes) => bytes.byteLength,
      () => undefined,
    );
    return size === undefined ? context.text('broken', 422) : context.text(String(size));
  });
  let dripping: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      dripping = controller;
    },
  });
  const method = path.endsWith('packs') ? 'POST' : 'PUT';
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = Promise.resolve(app.request(path, { method, body, headers }));
  return {
    ...{ clock, watched, answer },
    drip: (bytes: number) => dripping?.enqueue(new Uint8Array(bytes)),
    end: () => dripping?.close(),
  };
}

for (const path of ['/api/v1/worker/artifacts', '/api/v1/packs'])
  test(`a file that drips is given up, and one that comes steadily is not: ${path}`, async () => {
    const slow = world(path);
    for (let second = 0; second < 31; second++) {
      slow.drip(1);
      await slow.clock.advance(1000);
    }
    expect((await slow.answer).status).toBe(408);
    const steady = world(path);
    for (let second = 0; second < 120; second++) {
      steady.drip(16 * KIB);
      await steady.clock.advance(1000);
    }
    steady.end();
    expect(await (await steady.answer).text()).toBe(String(120 * 16 * KIB));
    expect(steady.clock.sleepers()).toEqual([]);
  });

test('a file is broken off when its token is no longer valid, and not when it has come before', async () => {
  const { watched, answer, drip, clock } = world();
  drip(KIB);
  await clock.settle();
  for (const ending of watched) ending.abort();
  expect((await answer).status).toBe(401);
  const whole = world();
  whole.drip(KIB);
  whole.end();
  expect((await whole.answer).status).toBe(200);
  expect([...whole.watched].map(({ signal }) => signal.aborted)).toEqual([true]);
});
