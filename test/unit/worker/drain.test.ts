import { expect, test } from 'bun:test';
import type { Settlement } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Hint, OutboxMessage } from '#domain/messages.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { drain } from '#worker/drain.ts';
import { claimedExecution, createEventLog, outboxMessage, session } from './samples.ts';

interface Setting {
  readonly shutdownMs?: number;
  /** What each call of the intake's close gives back. */
  readonly unstarted?: readonly (readonly ClaimedExecution[])[];
  /** When nothing runs any more; an interruption for the shutdown ends it too, after so long. */
  readonly idleAfterMs?: number;
  readonly endsAfterMs?: number;
  readonly isStoreAway?: boolean;
  readonly isReporterStuck?: boolean;
  readonly queues?: 'kept' | 'emptied' | 'removed';
}

/** A drain that has begun at 0, and what it did when. */
function openDrain({
  shutdownMs = 20_000,
  unstarted = [],
  idleAfterMs = 0,
  endsAfterMs = 0,
  isStoreAway = false,
  isReporterStuck = false,
  queues = 'kept',
}: Setting) {
  const clock = createFakeClock();
  const killNow = new AbortController();
  const { logger, events } = createEventLog();
  const settlements: Settlement[] = [];
  const published: (OutboxMessage | Hint)[] = [];
  const steps: string[] = [];
  const note = (what: string): void => void steps.push(`${clock.monotonic()} ${what}`);
  const interrupted = new AbortController();
  const runs = clock
    .sleep(idleAfterMs, interrupted.signal)
    .then(() => (interrupted.signal.aborted ? clock.sleep(endsAfterMs) : undefined));
  let closes = 0;
  const inStore = async (what: string): Promise<void> => {
    if (isStoreAway) throw new Unavailable('no database');
    note(what);
  };
  const consumer = (name: string) => ({
    ready: Promise.resolve(),
    remove: async () => note(`removes ${name}`),
    empty: async () => note(`empties ${name}`),
    [Symbol.asyncDispose]: async () => note(`closes ${name}`),
  });
  const draining = drain(
    {
      store: {
        beginDrain: async () => {
          await inStore('begins to drain');
          return { messages: [outboxMessage(1)] };
        },
        deregister: () => inStore('deregisters'),
      },
      relay: { publish: (messages) => void published.push(...messages), idle: async () => {} },
      clock,
      session,
      intake: {
        offer: () => {},
        offerScheduled: () => {},
        room: () => 0,
        hold: () => {},
        isHere: () => false,
        claimed: () => [],
        close: () => unstarted[closes++] ?? [],
        idle: () => runs,
      },
      reporter: {
        log: async () => {},
        settle: (settlement) => void settlements.push(settlement),
        holds: () => false,
        idle: () => (isReporterStuck ? new Promise(() => {}) : Promise.resolve()),
        waiting: { bytes: () => 0, settlements: () => (isReporterStuck ? 1 : 0) },
        stop: () => note('stops reporting'),
      },
      executor: {
        run: async () => {},
        interrupt: () => {},
        interruptAll: (why) => {
          note(`interrupts all: ${why}`);
          interrupted.abort();
        },
        count: () => 1,
      },
      consumers: [consumer('executions'), consumer('cancel')],
      logger,
    },
    { shutdownMs, killNow: killNow.signal, queues },
  );
  return { draining, clock, killNow, events, settlements, published, steps };
}

test('it takes nothing more, lets what runs end, and leaves', async () => {
  const { draining, clock, steps, published, events } = openDrain({ idleAfterMs: 3000 });
  await clock.advance(5000);
  await draining;
  expect(steps).toEqual([
    '0 closes executions',
    '0 begins to drain',
    '3000 interrupts all: shutdown',
    '3000 deregisters',
    '3000 closes cancel',
    '3000 stops reporting',
  ]);
  expect([published.length, events]).toEqual([1, ['draining']]);
});

test('where its queues go with it they are removed at last', async () => {
  const { draining, clock, steps } = openDrain({ queues: 'removed' });
  await clock.advance(100);
  await draining;
  const last = ['begins to drain', 'deregisters', 'removes executions', 'removes cancel', 'stops reporting'];
  expect(steps.slice(-5)).toEqual(last.map((step) => `0 ${step}`));
});

test('where its queues are for another agent too, that of executions is left empty', async () => {
  const { draining, clock, steps } = openDrain({ queues: 'emptied' });
  await clock.advance(100);
  await draining;
  const last = ['begins to drain', 'deregisters', 'empties executions', 'closes cancel', 'stops reporting'];
  expect(steps.slice(-5)).toEqual(last.map((step) => `0 ${step}`));
});

test('what has not begun goes back, also what was being claimed when the intake closed', async () => {
  const unstarted = [[claimedExecution(1)], [claimedExecution(2)]];
  const { draining, clock, settlements } = openDrain({ unstarted });
  await clock.advance(100);
  await draining;
  expect(settlements).toMatchObject(
    ['1', '2'].map((execution) => ({
      ...session,
      execution,
      attempt: 1,
      verdict: { kind: 'again', reason: 'its worker was shut down before it began', delayMs: 0, isFree: true },
    })),
  );
});

test('what takes too long is interrupted with a quarter of the time left, 8 s at most, or half of a short time', async () => {
  for (const [shutdownMs, at] of [
    [20_000, 15_000],
    [100_000, 92_000],
    [4000, 2000],
  ] as const) {
    const { draining, clock, steps } = openDrain({ shutdownMs, idleAfterMs: 1_000_000, endsAfterMs: 500 });
    await clock.advance(shutdownMs);
    await draining;
    expect(steps).toContain(`${at} interrupts all: shutdown`);
    expect(steps).toContain(`${at + 500} deregisters`);
  }
});

test('what cannot be reported in time is left, and said', async () => {
  const { draining, clock, steps, events } = openDrain({ isReporterStuck: true });
  await clock.advance(20_000);
  await draining;
  expect([steps.at(-1), events.at(-1)]).toEqual(['19000 stops reporting', 'not delivered']);
});

test('a database that is away keeps nobody', async () => {
  const { draining, clock, steps } = openDrain({ isStoreAway: true });
  await clock.advance(100);
  await draining;
  expect(steps.at(-1)).toBe('0 stops reporting');
});

test('told to end at once, it spends a second on reporting, and no more on all else', async () => {
  const { draining, clock, killNow, steps } = openDrain({
    idleAfterMs: 1_000_000,
    endsAfterMs: 100,
    isReporterStuck: true,
  });
  await clock.advance(2000);
  killNow.abort();
  await clock.advance(10_000);
  await draining;
  expect(steps).toEqual([
    '0 closes executions',
    '0 begins to drain',
    '2000 interrupts all: shutdown',
    '3000 deregisters',
    '3000 closes cancel',
    '3000 stops reporting',
  ]);
});

test('a wall clock that is set back by an hour gives it no more time', async () => {
  const { draining, clock, steps } = openDrain({ isReporterStuck: true, idleAfterMs: 1_000_000 });
  await clock.advance(1000);
  clock.shiftWall(-3_600_000);
  await clock.advance(19_000);
  await draining;
  expect(steps.slice(-2)).toEqual(['19000 closes cancel', '19000 stops reporting']);
});
