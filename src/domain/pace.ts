import type { Clock } from './clock.ts';

/** A pause that keeps `ms` between its ends: it resolves at once, or when so long has passed since it last did. */
export function createPace({ monotonic, sleep }: Pick<Clock, 'monotonic' | 'sleep'>, ms: number): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const early = ms - (monotonic() - last);
    if (early > 0) await sleep(early);
    last = monotonic();
  };
}
