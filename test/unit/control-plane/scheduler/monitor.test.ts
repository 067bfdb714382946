import { expect, test } from 'bun:test';
import { createMonitor } from '#control-plane/scheduler/monitor.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const nothing = { executions: [], messages: [] };

/** A monitor with a lease of 1500 ms, on a database that a test takes away. `judged`: when it looked for lost workers. */
function openMonitor() {
  const clock = createFakeClock();
  const judged: number[] = [];
  const state = { isAway: false };
  const answer = async <T>(value: T): Promise<T> => {
    if (state.isAway) throw new Unavailable('no database');
    return value;
  };
  const monitor = createMonitor(
    {
      clock,
      logger: { info: () => {} },
      relay: { publish: () => {}, sweep: async () => {}, idle: async () => {} },
      store: {
        schedule: () => answer(undefined),
        recoverLost: async () => {
          judged.push(clock.now());
          return await answer(nothing);
        },
        takeBack: () => answer(nothing),
        dispatchAgain: () => answer({ messages: [] }),
        keepLogs: () => answer([]),
        forgetWorkers: () => answer([]),
        saveDeadLetter: () => answer(undefined),
      },
    },
    { leaseMs: 1500, redispatchMs: 2000, logRetentionDays: 1, forgetWorkersMs: 1000 },
    () => {},
  );
  const stop = new AbortController();
  const ended = monitor.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { clock, judged, state, end };
}

test('it judges silence only when it has been there itself for a lease, then every half second', async () => {
  const { clock, judged, end } = openMonitor();
  await clock.advance(2500);
  expect(judged).toEqual([1500, 2000, 2500]);
  await end();
});

test('after a short absence of the database workers get a whole lease to be heard of', async () => {
  const { clock, judged, state, end } = openMonitor();
  await clock.advance(2000);
  state.isAway = true;
  await clock.advance(1000);
  state.isAway = false;
  judged.length = 0;
  await clock.advance(2500);
  expect(judged).toEqual([5000, 5500]);
  await end();
});

test('after a long absence they get more: they try again ever more rarely', async () => {
  const { clock, judged, state, end } = openMonitor();
  await clock.advance(2000);
  state.isAway = true;
  await clock.advance(10_000);
  state.isAway = false;
  judged.length = 0;
  await clock.advance(8500);
  expect(judged).toEqual([20_000, 20_500]);
  await end();
});
