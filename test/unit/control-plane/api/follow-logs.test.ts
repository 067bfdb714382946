import { expect, test } from 'bun:test';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { ENDS_A_TURN, followLogs, START } from '#control-plane/api/follow-logs.ts';
import { createLogPoller } from '#control-plane/api/log-poller.ts';
import { watchEnds } from '#control-plane/api/watch-ends.ts';
import type { LogPage } from '#domain/client-store.ts';
import { executionId } from '#domain/ids.ts';
import { shareTurns } from '#domain/turns.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

test('who follows a log hears of its end within milliseconds, by one question for all readers', async () => {
  const clock = createFakeClock();
  const execution = executionId(1);
  let [hasEnded, questions] = [false, 0];
  const store = {
    findEnded: async () => (hasEnded ? [execution] : []),
    pollLogs: async (cursors: readonly unknown[]) => {
      questions += cursors.length;
      return cursors.map((): LogPage => ({ status: hasEnded ? 'completed' : 'running', chunks: [] }));
    },
  };
  const watch = watchEnds({ store, broker: createLocalBroker(clock), clock });
  const pollLogs = createLogPoller({ store, clock });
  const stop = new AbortController().signal;
  const read = (): Promise<string> =>
    new Response(
      followLogs(
        { pollLogs, clock, watch, mayEnd: shareTurns(ENDS_A_TURN) },
        { execution, after: START, isLasting: true, stop, end: async () => null },
      ),
    ).text();
  const readers = Array.from({ length: 20 }, read);
  let ended = 0;
  for (const reader of readers) void reader.then(() => ended++);
  await clock.advance(20);
  expect([ended, questions]).toEqual([0, 1]);
  hasEnded = true;
  watch.notify([execution]);
  await clock.advance(40);
  expect([ended, questions]).toEqual([20, 2]);
  for (const text of await Promise.all(readers)) expect(text).toContain('event: end');
});

test('many readers of one log get its end in several turns, since its result may be large', async () => {
  const clock = createFakeClock();
  const execution = executionId(1);
  const pollLogs = async (): Promise<LogPage> => ({ status: 'completed', chunks: [] });
  const watch = watchEnds({ store: { findEnded: async () => [] }, broker: createLocalBroker(clock), clock });
  const mayEnd = shareTurns(ENDS_A_TURN);
  let [inThisTurn, most] = [0, 0];
  const end = async (): Promise<null> => {
    if (inThisTurn++ === 0) setImmediate(() => (inThisTurn = 0));
    most = Math.max(most, inThisTurn);
    return null;
  };
  const stop = new AbortController().signal;
  const read = (): Promise<string> =>
    new Response(
      followLogs({ pollLogs, clock, watch, mayEnd }, { execution, after: START, isLasting: false, stop, end }),
    ).text();
  const all = await Promise.all(Array.from({ length: 100 }, read));
  for (const text of all) expect(text).toContain('event: end');
  expect(most).toBeLessThanOrEqual(2 * ENDS_A_TURN);
});
