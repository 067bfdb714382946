import type { Clock } from '#domain/clock.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import { markUsed } from './layout.ts';

/** The milliseconds between two notes of the use of an environment. */
const USE_NOTE_MS = MINUTE_MS;

/** Counts the uses of environments by this process, and notes them on the volume now and then, for collectors of unused ones. */
export function createUsageCounts(clock: Pick<Clock, 'monotonic' | 'sleep'>): {
  hold(directory: string): Disposable;
  isHeld(directory: string): boolean;
} {
  const counts = new Map<string, number>();
  const noted = new Map<string, number>();
  const note = (directory: string): void => {
    if (clock.monotonic() - (noted.get(directory) ?? Number.NEGATIVE_INFINITY) < USE_NOTE_MS) return;
    noted.set(directory, clock.monotonic());
    markUsed(directory);
  };
  const noteUntil = async (directory: string, released: AbortSignal): Promise<void> => {
    while (!released.aborted) {
      note(directory);
      await clock.sleep(USE_NOTE_MS, released);
    }
  };
  return {
    hold: (directory) => {
      counts.set(directory, (counts.get(directory) ?? 0) + 1);
      const released = new AbortController();
      void noteUntil(directory, released.signal);
      return {
        [Symbol.dispose]: () => {
          released.abort();
          counts.set(directory, (counts.get(directory) ?? 1) - 1);
        },
      };
    },
    isHeld: (directory) => (counts.get(directory) ?? 0) > 0,
  };
}
