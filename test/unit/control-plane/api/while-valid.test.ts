import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { watchDownloads } from '#control-plane/api/while-valid.ts';

function world() {
  const watched = new Set<AbortController>();
  const state = { lost: 0, cancelled: 0, left: 3 };
  const app = new Hono<AppEnv>();
  app.use(
    watchDownloads({
      watch: (_, ending) => {
        watched.add(ending);
        ending.signal.addEventListener('abort', () => watched.delete(ending));
      },
    }),
  );
  const bytes = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull: (controller) => (state.left-- > 0 ? controller.enqueue(Buffer.from('x')) : controller.close()),
      cancel: () => void state.cancelled++,
    });
  app.get('/', (context) => new Response(context.get('whileValid')(bytes())));
  const ask = (method = 'GET') => app.request('/', { method }, { lostToken: () => void state.lost++ });
  return { ask, watched, state };
}

test('bytes break off, and their connection with them, when the token is no longer valid', async () => {
  const { ask, watched, state } = world();
  state.left = 1000;
  const reader = (await ask()).body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  for (const ending of [...watched]) ending.abort();
  await expect(reader?.read()).rejects.toThrow('revoked');
  expect(state).toMatchObject({ lost: 1, cancelled: 1 });
});

test('what has been read to its end, was given up, or is not read at all is no longer watched', async () => {
  const { ask, watched, state } = world();
  expect(await (await ask()).text()).toBe('xxx');
  expect(watched.size).toBe(0);
  state.left = 1000;
  const reader = (await ask()).body?.getReader();
  await reader?.read();
  expect(watched.size).toBe(1);
  await reader?.cancel();
  await ask('HEAD');
  expect([watched.size, state.lost, state.cancelled]).toEqual([0, 0, 1]);
});
