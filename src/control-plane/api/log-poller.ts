import type { ClientStore, LogCursor, LogPage } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';

/** Those who come within so long are answered by the same statements. */
const GATHER_MS = 10;
/** Together with the chunks of each this bounds the memory of one round: chunks hold 64 KiB at most. */
const MOST_AT_ONCE = 100;
const CHUNKS_EACH = 16;

export type LogPoller = (cursor: LogCursor) => Promise<LogPage>;

/** One pair of statements for all who follow logs at the same moment, however many they are. */
export function createLogPoller({ store, clock }: { readonly store: ClientStore; readonly clock: Clock }): LogPoller {
  let waiting: (PromiseWithResolvers<LogPage> & { readonly cursor: LogCursor })[] = [];
  let isBusy = false;
  const round = async (): Promise<void> => {
    const due = waiting.slice(0, MOST_AT_ONCE);
    waiting = waiting.slice(due.length);
    try {
      const pages = await store.pollLogs(
        due.map((one) => one.cursor),
        CHUNKS_EACH,
      );
      for (const [n, { resolve }] of due.entries()) resolve(pages[n] ?? { status: undefined, chunks: [] });
    } catch (error) {
      for (const { reject } of due) reject(error);
    }
  };
  const work = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      await clock.sleep(GATHER_MS);
      await round();
    }
    isBusy = false;
  };
  return (cursor) => {
    const one = { cursor, ...Promise.withResolvers<LogPage>() };
    waiting.push(one);
    if (!isBusy) void work();
    return one.promise;
  };
}
