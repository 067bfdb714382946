import type { Clock } from '#domain/clock.ts';
import { startTimer } from '#domain/timer.ts';

/**
 * A wall clock that never goes back: when this machine's is set back, the time passes on as if nothing had happened, until
 * the wall clock has caught up. For a store whose leases and delays are kept as times of day.
 */
export function createSteadyNow(clock: Pick<Clock, 'now' | 'monotonic'>): () => number {
  let last = { wall: clock.now(), monotonic: clock.monotonic() };
  return () => {
    const monotonic = clock.monotonic();
    last = { wall: Math.max(clock.now(), Math.floor(last.wall + monotonic - last.monotonic)), monotonic };
    return last.wall;
  };
}

/** The clock and the random numbers of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = startTimer(ms, wake);
    signal?.addEventListener('abort', wake, { once: true });
    await promise;
    timer.stop();
    signal?.removeEventListener('abort', wake);
  },
};
