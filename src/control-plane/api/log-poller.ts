import type { ClientStore, LogCursor, LogPage } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { createBatchedCall } from './batched-call.ts';

/** Clients that ask within so long are answered by the same statements. */
const GATHER_MS = 10;
/** Together with the chunks of each this bounds the memory of one round: chunks hold 64 KiB at most. */
const MOST_AT_ONCE = 100;
const CHUNKS_EACH = 16;
const MOST_WAITING = 10_000;

export type LogPoller = (cursor: LogCursor) => Promise<LogPage>;

interface PollerDependencies {
  readonly store: Pick<ClientStore, 'pollLogs'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/**
 * Makes a poller that reads logs with one pair of statements for all who follow logs at the same moment, however many
 * they are.
 */
export function createLogPoller({ store, clock }: PollerDependencies): LogPoller {
  const poll = createBatchedCall<LogCursor, LogPage>((cursors) => store.pollLogs(cursors, CHUNKS_EACH), {
    most: MOST_AT_ONCE,
    mostWaiting: MOST_WAITING,
    pause: () => clock.sleep(GATHER_MS),
  });
  return async (cursor) => (await poll(cursor)) ?? { status: undefined, chunks: [] };
}
