import type { Clock } from '#domain/clock.ts';
import { startTimer } from '#domain/timer.ts';

/** The clock and the random numbers of this machine. */
export const systemClock: Clock = {
  now: Date.now,
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
