import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { problemOf } from '#control-plane/api/problem.ts';
import { receiveBody } from '#control-plane/api/receive-body.ts';
import { countTurns, many } from '#test/support/count-turns.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const MOST = 100;

function world() {
  const clock = createFakeClock();
  const state = { isOver: false };
  const app = new Hono();
  app.onError((error) => problemOf(error, (text) => text).response(undefined));
  app.use(
    receiveBody(
      clock,
      () => MOST,
      async () => state.isOver,
    ),
  );
  app.post('/', async (context) => context.text(await context.req.text()));
  let dripping: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      dripping = controller;
    },
  });
  const answer = Promise.resolve(app.request('/', { method: 'POST', body }));
  return {
    clock,
    state,
    answer,
    drip: (text: string) => dripping?.enqueue(Buffer.from(text)),
    end: () => dripping?.close(),
  };
}

test('a body that drips has 30 s', async () => {
  const { clock, answer, drip } = world();
  for (let second = 0; second < 30; second++) {
    drip('x');
    await clock.advance(1000);
  }
  expect((await answer).status).toBe(408);
});

test('a body that comes in time is read whole, and one that has more bytes than allowed is not', async () => {
  const inTime = world();
  inTime.drip('a');
  await inTime.clock.advance(29_000);
  inTime.drip('b');
  inTime.end();
  expect(await (await inTime.answer).text()).toBe('ab');
  const large = world();
  large.drip('x'.repeat(MOST + 1));
  expect((await large.answer).status).toBe(413);
});

test('a body that came slowly is worth nothing when its token has been revoked meanwhile', async () => {
  const { clock, state, answer, drip, end } = world();
  drip('a');
  await clock.advance(1001);
  state.isOver = true;
  end();
  expect((await answer).status).toBe(401);
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
