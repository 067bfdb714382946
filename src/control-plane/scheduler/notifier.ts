import type { Clock } from '#domain/clock.ts';

/** Wakes a loop that waits: a notification while the loop works is not lost, and many notifications count as one. */
export interface Notifier {
  notify(): void;
  /** Resolves at the next notification (at once if one came since the last wait), after `ms`, or when `stop` aborts. */
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

export function createNotifier(clock: Pick<Clock, 'sleep'>): Notifier {
  let isNotified = false;
  let wake: (() => void) | undefined;
  return {
    notify: () => {
      isNotified = true;
      wake?.();
    },
    wait: async (ms, stop) => {
      if (!(isNotified || stop.aborted)) {
        const rest = new AbortController();
        wake = () => rest.abort();
        stop.addEventListener('abort', wake);
        await clock.sleep(ms, rest.signal);
        stop.removeEventListener('abort', wake);
        wake = undefined;
      }
      isNotified = false;
    },
  };
}
