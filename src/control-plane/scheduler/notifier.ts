import type { Clock } from '#domain/clock.ts';

/** Wakes a loop that waits: a notification while the loop works is not lost, and many notifications count as one. */
export interface Notifier {
  /** There is something new to do. */
  notify(): void;
  /** Something has ended: there is room for what waits already. */
  notifyEnd(): void;
  /**
   * Resolves at the next notification (at once if one came since the last wait), after `ms`, or when `stop` aborts.
   * `hearsEnds` is false where nothing waits, so that an end makes room for nothing.
   */
  wait(ms: number, stop: AbortSignal, about?: { readonly hearsEnds: boolean }): Promise<void>;
}

export function createNotifier(clock: Pick<Clock, 'sleep'>): Notifier {
  let isNotified = false;
  let hasEnded = false;
  let wake: ((byEnd: boolean) => void) | undefined;
  return {
    notify: () => {
      isNotified = true;
      wake?.(false);
    },
    notifyEnd: () => {
      hasEnded = true;
      wake?.(true);
    },
    wait: async (ms, stop, { hearsEnds } = { hearsEnds: true }) => {
      if (!(isNotified || (hearsEnds && hasEnded) || stop.aborted)) {
        const rest = new AbortController();
        const over = (): void => rest.abort();
        wake = (byEnd) => (byEnd && !hearsEnds ? undefined : over());
        stop.addEventListener('abort', over);
        await clock.sleep(ms, rest.signal);
        stop.removeEventListener('abort', over);
        wake = undefined;
      }
      isNotified = false;
      hasEnded = false;
    },
  };
}
