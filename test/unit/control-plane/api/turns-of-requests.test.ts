import { expect, test } from 'bun:test';
import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { beginInTurns, REQUESTS_A_TURN } from '#control-plane/api/begin-in-turns.ts';
import { receiveBody } from '#control-plane/api/receive-body.ts';
import { artifactRoutes } from '#control-plane/api/routes/artifacts.ts';
import { createWorkerMessages } from '#control-plane/api/worker-messages.ts';
import { workerId } from '#domain/ids.ts';
import type { IncomingMessage } from '#domain/messages.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** Counts the turns of the event loop, and how often something was noted in each. */
function countTurns() {
  let turn = 0;
  const noted = new Map<number, number>();
  let next = setImmediate(countTurn);
  function countTurn(): void {
    turn++;
    next = setImmediate(countTurn);
  }
  return {
    note: () => void noted.set(turn, (noted.get(turn) ?? 0) + 1),
    ofTurns: () => [...noted.values()],
    [Symbol.dispose]: () => clearImmediate(next),
  };
}

const many = <T>(count: number, make: () => T | Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, make));

test('of many requests that come at once some begin in each turn of the event loop', async () => {
  using turns = countTurns();
  const begin = beginInTurns();
  await many(REQUESTS_A_TURN * 2 + 1, async () => {
    await begin();
    turns.note();
  });
  expect(turns.ofTurns()).toEqual([REQUESTS_A_TURN, REQUESTS_A_TURN, 1]);
});

test('requests without a body whose tokens were found together go on in several turns', async () => {
  using turns = countTurns();
  const app = new Hono();
  app.use(
    receiveBody(
      createFakeClock(),
      () => 100,
      async () => false,
    ),
  );
  app.get('/', (context) => {
    turns.note();
    return context.text('');
  });
  await many(100, () => app.request('/'));
  expect(turns.ofTurns()).toEqual([32, 32, 32, 4]);
});

test('of many uploads that come at once some begin in each turn, and all are kept', async () => {
  using turns = countTurns();
  const kept: string[] = [];
  const app = new OpenAPIHono<AppEnv>();
  app.use(async (context, next) => {
    context.set('token', { id: '1', name: 'admin', scopes: ['admin'] });
    await next();
  });
  const put = async (path: string, bytes: ReadableStream<Uint8Array>): Promise<void> => {
    kept.push(`${path} ${await new Response(bytes).text()}`);
  };
  const deps = { store: {}, files: { artifacts: { put } }, settings: { maxArtifactBytes: 100 } };
  app.route('/', artifactRoutes(deps as never));
  const upload = async (name: number): Promise<number> => {
    let hasBegun = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (!hasBegun) turns.note();
          hasBegun = true;
          controller.enqueue(Buffer.from('x'));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { 'content-type': 'application/octet-stream' };
    return (await app.request(`/worker/artifacts?path=1/1/${name}`, { method: 'PUT', body, headers })).status;
  };
  let name = 0;
  const answers = await many(40, () => upload(name++));
  expect(new Set(answers)).toEqual(new Set([204]));
  expect(Math.max(...turns.ofTurns())).toBe(10);
  expect(kept.toSorted()).toEqual(Array.from({ length: 40 }, (_, at) => `1/1/${at} x`).toSorted());
});

test('a message to all workers leaves others their turns', async () => {
  using turns = countTurns();
  const sent = Promise.withResolvers<(message: IncomingMessage) => void>();
  const messages = createWorkerMessages({
    consume: (_, { onMessage }) => {
      sent.resolve((message) => onMessage({ message, acknowledge: () => {} } as never));
      return { stop: async () => {} } as never;
    },
  });
  const heard = Promise.withResolvers<void>();
  const stop = new AbortController();
  for (let worker = 1; worker <= 3; worker++)
    messages.listen(
      workerId(String(worker)),
      () => {
        turns.note();
        const until = performance.now() + 10;
        while (performance.now() < until);
        if (worker === 3) heard.resolve();
      },
      stop.signal,
    );
  (await sent.promise)({ kind: 'pack-changed' } as never);
  await heard.promise;
  expect(turns.ofTurns()).toEqual([1, 1, 1]);
});
