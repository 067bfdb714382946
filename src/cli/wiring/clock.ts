import type { Clock } from '#domain/clock.ts';

/** The machine's own clock and dice. */
export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: async (ms, signal) => {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
  },
};
