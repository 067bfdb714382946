import { expect, test } from 'bun:test';
import { createMonitor } from '#control-plane/scheduler/monitor.ts';
import { executionId } from '#domain/ids.ts';
import type { Hint, OutboxMessage } from '#domain/messages.ts';
import type { Recovered } from '#domain/schedule-store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const nothing: Recovered = { executions: [], messages: [] };
const message = { outboxId: '1', messageId: 'm', exchange: 'x', routingKey: 'k', messageType: 'T', payload: {} };

/** A monitor that has begun at 0, before a database that notes what it is asked, and can be away. */
function openMonitor({ forgetWorkersMs = 60_000, isIdle = (): boolean => false } = {}) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const calls: { readonly at: number; readonly what: string; readonly given: unknown }[] = [];
  const state = {
    failure: undefined as Error | undefined,
    answer: undefined as Promise<void> | undefined,
    recovered: nothing,
    takenBack: nothing,
  };
  const published: (OutboxMessage | Hint)[] = [];
  const events: string[] = [];
  let changes = 0;
  const answer = async <T>(what: string, given: unknown, value: T): Promise<T> => {
    await state.answer;
    if (state.failure) throw state.failure;
    calls.push({ at: clock.monotonic(), what, given });
    return value;
  };
  const monitor = createMonitor(
    {
      store: {
        schedule: async () => undefined,
        saveDeadLetter: async () => {},
        keepLogs: (days) => answer('keepLogs', days, ['2026-01-01']),
        dispatchAgain: (olderThanMs) => answer('dispatchAgain', olderThanMs, { messages: [message] }),
        recoverLost: (limit) => answer('recoverLost', limit, state.recovered),
        takeBack: (bounds) => answer('takeBack', bounds, state.takenBack),
        endStale: (olderThanMs) => answer('endStale', olderThanMs, ['hostile']),
        publishEvents: async () => {},
        forgetWorkers: (olderThanMs) => answer('forgetWorkers', olderThanMs, ['pod-1']),
      },
      relay: { publish: (messages) => void published.push(...messages), sweep: async () => {}, idle: async () => {} },
      clock,
      logger: loggerOf((event, details) => events.push(`${event} ${JSON.stringify(details)}`)),
    },
    { leaseMs: 1500, redispatchMs: 10_000, logRetentionDays: 14, forgetWorkersMs, publishesEvents: false },
    {
      changed: () => {
        changes++;
      },
      isIdle,
    },
  );
  const running = monitor.run(stop.signal);
  const timesOf = (what: string): readonly number[] => calls.filter((one) => one.what === what).map((one) => one.at);
  return { clock, stop, running, calls, timesOf, state, published, events, changes: () => changes };
}

test('what is not claimed is dispatched again, twice a second and from the start', async () => {
  const { clock, calls, timesOf, published } = openMonitor();
  await clock.advance(1000);
  expect(timesOf('dispatchAgain')).toEqual([0, 500, 1000]);
  expect(calls.find((one) => one.what === 'dispatchAgain')?.given).toBe(10_000);
  expect(published).toHaveLength(3);
});

test('while no worker has anything it looks every two seconds, and at once twice a second when one has', async () => {
  let isIdle = true;
  const { clock, timesOf } = openMonitor({ isIdle: () => isIdle });
  await clock.advance(5999);
  expect(timesOf('dispatchAgain')).toEqual([0, 2000, 4000]);
  expect(timesOf('recoverLost')).toEqual([2000, 4000]);
  isIdle = false;
  await clock.advance(1001);
  expect(timesOf('recoverLost')).toEqual([2000, 4000, 6000, 6500, 7000]);
});

test('nobody is judged until every worker has had a lease to be heard of', async () => {
  const { clock, calls, timesOf } = openMonitor();
  await clock.advance(1499);
  expect([timesOf('recoverLost'), timesOf('takeBack'), timesOf('forgetWorkers')]).toEqual([[], [], []]);
  await clock.advance(501);
  expect([timesOf('recoverLost'), timesOf('takeBack')]).toEqual([
    [1500, 2000],
    [1500, 2000],
  ]);
  expect(calls.find((one) => one.what === 'takeBack')?.given).toEqual({ leaseMs: 1500, olderThanMs: 10_000 });
});

test('after a short absence of the database workers get a whole lease to be heard of', async () => {
  const { clock, state, timesOf } = openMonitor();
  await clock.advance(2000);
  state.failure = new Unavailable('no database');
  await clock.advance(1000);
  state.failure = undefined;
  await clock.advance(2500);
  expect(timesOf('recoverLost')).toEqual([1500, 2000, 5000, 5500]);
});

test('after a long absence they get six seconds more: they try again ever more rarely', async () => {
  const { clock, state, timesOf } = openMonitor();
  await clock.advance(2000);
  state.failure = new Unavailable('no database');
  await clock.advance(10_000);
  state.failure = undefined;
  await clock.advance(8500);
  expect(timesOf('recoverLost')).toEqual([1500, 2000, 20_000, 20_500]);
});

test('an answer that takes long is an absence too', async () => {
  const { clock, state, timesOf } = openMonitor();
  await clock.advance(2000);
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  await clock.advance(4000);
  answer.resolve();
  await clock.settle();
  await clock.advance(7499);
  expect(timesOf('recoverLost')).toEqual([1500, 2000]);
  await clock.advance(501);
  expect(timesOf('recoverLost')).toEqual([1500, 2000, 13_500, 14_000]);
});

test('what was recovered or taken back is published and logged, and the scheduler hears of it', async () => {
  const { clock, state, published, events, changes } = openMonitor();
  await clock.advance(3999);
  expect(changes()).toBe(0);
  const before = published.length;
  state.recovered = {
    executions: [{ execution: executionId(1), status: 'abandoned', reason: 'worker w1 was lost' }],
    messages: [{ ...message, outboxId: '2' }],
  };
  state.takenBack = {
    executions: [{ execution: executionId(2), status: 'requested', reason: 'worker w2 is gone' }],
    messages: [{ ...message, outboxId: '3' }],
  };
  await clock.advance(1);
  expect(published.slice(before).map((one) => one.outboxId)).toEqual(['1', '2', '3']);
  expect(events.filter((one) => one.includes('execution'))).toEqual([
    'lost execution recovered {"execution":"1","status":"abandoned","reason":"worker w1 was lost"}',
    'unclaimed execution taken back {"execution":"2","status":"requested","reason":"worker w2 is gone"}',
  ]);
  expect(changes()).toBe(2);
});

test('logs are kept as long as asked for: looked at at the start and every hour', async () => {
  const { clock, calls, timesOf, events } = openMonitor();
  await clock.advance(2 * HOUR_MS + 2000);
  expect(timesOf('keepLogs')).toEqual([0, HOUR_MS + 500, 2 * HOUR_MS + 1000]);
  expect(calls.find((one) => one.what === 'keepLogs')?.given).toBe(14);
  expect(events[0]).toBe('logs dropped {"day":"2026-01-01"}');
});

test('workers are forgotten every ten seconds, never before their lease is over', async () => {
  const { clock, calls, timesOf, events } = openMonitor();
  await clock.advance(23_000);
  expect(timesOf('forgetWorkers')).toEqual([1500, 12_000, 22_500]);
  expect(calls.find((one) => one.what === 'forgetWorkers')?.given).toBe(60_000);
  expect(events).toContain('worker forgotten {"name":"pod-1"}');
  const hasty = openMonitor({ forgetWorkersMs: 1 });
  await hasty.clock.advance(1500);
  expect(hasty.calls.find((one) => one.what === 'forgetWorkers')?.given).toBe(1500);
});

test('a defect ends it', async () => {
  const { clock, running, state } = openMonitor();
  await clock.advance(100);
  state.failure = new TypeError('a defect');
  const end = running.catch((error: unknown) => String(error));
  await clock.advance(500);
  expect(await end).toBe('TypeError: a defect');
});

test('told to stop, it ends at once', async () => {
  const { clock, stop, running, calls } = openMonitor();
  await clock.advance(100);
  stop.abort();
  await running;
  const asked = calls.length;
  await clock.advance(10_000);
  expect([calls.length - asked, clock.sleepers()]).toEqual([0, []]);
});
