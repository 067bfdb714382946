import type { ClientStore, LogCursor, LogPage } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { createPace } from '#domain/pace.ts';
import { shareTurns } from '#domain/turns.ts';
import { createBatchedCall } from './batched-call.ts';

/** Between the beginnings of two questions: clients that ask meanwhile are answered by the same statements. */
const GATHER_MS = 10;
/** Together with the chunks of each this bounds the memory of one round: chunks hold 64 KiB at most. */
const MOST_AT_ONCE = 100;
const CHUNKS_EACH = 16;
const MOST_WAITING = 10_000;
/** Readers who come to the same place within so long get the same page: what was logged stays as it is. */
const KEEP_CHUNKS_MS = 2000;
/** The milliseconds for which a place behind which nothing was is not looked at again. */
const KEEP_NOTHING_MS = 90;
const MOST_PAGES = 32;
/** Bytes of logs that are given to readers in one turn, who write them as text. */
const MOST_BYTES_A_TURN = 512 * 1024;

/**
 * Reads the next page of a log. One without chunks was asked for at the monotonic time `since` or later: whoever knows that
 * something has come wants no page from before.
 */
export type LogPoller = (cursor: LogCursor, since: number) => Promise<LogPage>;

interface PollerDependencies {
  readonly store: Pick<ClientStore, 'pollLogs'>;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
}

/** A page that was asked for, and until when it is true; infinite while it is on its way. */
interface Kept {
  until: number;
  hasChunks: boolean;
  readonly since: number;
  readonly page: Promise<LogPage>;
}

/**
 * Makes a poller that reads logs with one pair of statements for all who follow logs at the same moment, however many
 * they are. Readers at the same place of a log share what was read: a log is asked for about ten times a second at most,
 * and its chunks are read once for all that follow it closely.
 */
export function createLogPoller({ store, clock }: PollerDependencies): LogPoller {
  const poll = createBatchedCall<LogCursor, LogPage>((cursors) => store.pollLogs(cursors, CHUNKS_EACH), {
    most: MOST_AT_ONCE,
    mostWaiting: MOST_WAITING,
    pause: createPace(clock, GATHER_MS),
  });
  const ask = async (cursor: LogCursor): Promise<LogPage> => (await poll(cursor)) ?? { status: undefined, chunks: [] };
  const pages = new Map<string, Kept>();
  const forgetOld = (): void => {
    const now = clock.monotonic();
    for (const [place, { until }] of pages) if (until <= now || pages.size > MOST_PAGES) pages.delete(place);
  };
  const mayGive = shareTurns(MOST_BYTES_A_TURN);
  const give = async (page: LogPage): Promise<LogPage> => {
    await mayGive(page.chunks.reduce((sum, { data }) => sum + data.length, 0));
    return page;
  };
  return async (cursor, since) => {
    const place = `${cursor.execution} ${cursor.attempt} ${cursor.seq}`;
    const kept = pages.get(place);
    if (kept && kept.until > clock.monotonic() && (kept.since >= since || kept.hasChunks))
      return await give(await kept.page);
    const asked: Kept = {
      until: Number.POSITIVE_INFINITY,
      hasChunks: false,
      since: clock.monotonic(),
      page: ask(cursor),
    };
    pages.set(place, asked);
    try {
      const { chunks } = await asked.page;
      asked.hasChunks = chunks.length > 0;
      asked.until = clock.monotonic() + (asked.hasChunks ? KEEP_CHUNKS_MS : KEEP_NOTHING_MS);
    } catch {
      asked.until = Number.NEGATIVE_INFINITY;
    }
    forgetOld();
    return await give(await asked.page);
  };
}
