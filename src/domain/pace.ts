import type { Clock } from './clock.ts';

/**
 * Makes a pause that keeps `ms` milliseconds between its ends: it resolves at once, or when so much time has passed
 * since it last did.
 */
export function createPace({ monotonic, sleep }: Pick<Clock, 'monotonic' | 'sleep'>, ms: number): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const early = ms - (monotonic() - last);
    if (early > 0) await sleep(early);
    last = monotonic();
  };
}
