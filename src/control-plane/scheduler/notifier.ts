import { startTimer } from '#domain/timer.ts';

/** Wakes a loop that waits: a notification while the loop works is not lost, and many notifications count as one. */
export interface Notifier {
  notify(): void;
  /** Resolves at the next notification (at once if one came since the last wait), after `ms`, or when `stop` aborts. */
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

export function createNotifier(): Notifier {
  let isNotified = false;
  let wake: (() => void) | undefined;
  return {
    notify: () => {
      isNotified = true;
      wake?.();
    },
    wait: async (ms, stop) => {
      if (!(isNotified || stop.aborted)) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = startTimer(ms, resolve);
        stop.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        timer.stop();
        wake = undefined;
      }
      isNotified = false;
    },
  };
}
