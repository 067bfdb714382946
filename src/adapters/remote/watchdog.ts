import type { Clock } from '#domain/clock.ts';

export interface Watchdog extends Disposable {
  /** Aborts, with that as its reason, when nothing has been heard for too long. */
  readonly signal: AbortSignal;
  /** Something was heard. */
  reset(): void;
}

/** Watches over something that should be heard again within `ms`, from now on. */
export function createWatchdog({ monotonic, sleep }: Pick<Clock, 'monotonic' | 'sleep'>, ms: number): Watchdog {
  const ending = new AbortController();
  const silence = new AbortController();
  let heardAt = monotonic();
  const watch = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const leftMs = heardAt + ms - monotonic();
      if (leftMs <= 0) return silence.abort(new Error(`it was silent for ${ms / 1000} s`));
      await sleep(leftMs, ending.signal);
    }
  };
  void watch();
  return {
    signal: silence.signal,
    reset: () => {
      heardAt = monotonic();
    },
    [Symbol.dispose]: () => ending.abort(),
  };
}
