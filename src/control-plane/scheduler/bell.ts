/** Wakes a loop that waits: a ring while it works is not lost, and many rings are one. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring (at once when it rang since the last wait) or after `ms`, or when `stop` aborts. */
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: async (ms, stop) => {
      if (!(hasRung || stop.aborted)) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, ms);
        stop.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      hasRung = false;
    },
  };
}
