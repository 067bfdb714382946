import type { Clock } from '#domain/clock.ts';

/** Between the beginnings of two round trips, when there is more to do than one a while: batches grow, nothing else waits. */
const PACE_MS = 5;

interface BatcherDependencies {
  readonly clock: Clock;
  /** Of one batch. */
  readonly most: number;
}

/**
 * Gathers while a flush is under way or the pace allows none, and flushes what has gathered: alone nothing waits, together
 * all share a round trip. `flush` settles its items itself and must not reject.
 */
export function createBatcher<T>(
  flush: (items: readonly T[]) => Promise<void>,
  { clock, most }: BatcherDependencies,
): { add(item: T): void; idle(): Promise<void> } {
  let gathered: T[] = [];
  let flushing: Promise<void> | undefined;
  const pace = createPace(clock);
  const run = async (): Promise<void> => {
    await Promise.resolve(); /* what this very step adds goes along */
    while (gathered.length > 0) {
      await pace();
      const batch = gathered.slice(0, most);
      gathered = gathered.slice(most);
      await flush(batch);
    }
  };
  return {
    add: (item) => {
      gathered.push(item);
      flushing ??= run().finally(() => {
        flushing = undefined;
      });
    },
    idle: async () => {
      while (flushing !== undefined) await flushing;
    },
  };
}

/** Resolves at once, or when PACE_MS have passed since it last did. */
export function createPace({ now, sleep }: Pick<Clock, 'now' | 'sleep'>): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const early = PACE_MS - (now() - last);
    if (early > 0) await sleep(early);
    last = now();
  };
}
