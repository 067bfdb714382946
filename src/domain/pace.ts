import type { Clock } from './clock.ts';

/**
 * Makes a pause that keeps some milliseconds between its ends: it resolves at once, or when so much time has passed since
 * it last did. A function says each time how many.
 */
export function createPace(
  { monotonic, sleep }: Pick<Clock, 'monotonic' | 'sleep'>,
  ms: number | (() => number),
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const early = (typeof ms === 'number' ? ms : ms()) - (monotonic() - last);
    if (early > 0) await sleep(early);
    last = monotonic();
  };
}
