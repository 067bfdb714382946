import type { Clock } from '#domain/clock.ts';

/** The machine's own. */
export const clock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: async (ms, signal) => {
    if (signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  },
};
