import { MINUTE_MS } from '#domain/durations.ts';
import { markUsed } from './layout.ts';

/** How often the use of an environment is noted. */
const USE_NOTE_MS = MINUTE_MS;

/** Counts the uses of environments by this process, and notes them on the volume now and then, for collectors of unused ones. */
export function createUsageCounts(now: () => number): {
  hold(directory: string): Disposable;
  isHeld(directory: string): boolean;
} {
  const counts = new Map<string, number>();
  const noted = new Map<string, number>();
  const note = (directory: string): void => {
    if (now() - (noted.get(directory) ?? 0) < USE_NOTE_MS) return;
    noted.set(directory, now());
    markUsed(directory);
  };
  return {
    hold: (directory) => {
      counts.set(directory, (counts.get(directory) ?? 0) + 1);
      note(directory);
      const timer = setInterval(() => note(directory), USE_NOTE_MS).unref();
      return {
        [Symbol.dispose]: () => {
          clearInterval(timer);
          counts.set(directory, (counts.get(directory) ?? 1) - 1);
        },
      };
    },
    isHeld: (directory) => (counts.get(directory) ?? 0) > 0,
  };
}
