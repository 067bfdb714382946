export interface BatcherOptions<Item = unknown> {
  /** The most items of one flush. */
  readonly most: number;
  /** The most that the items of one flush have together of what `sizeOf` measures; one that has more is alone. */
  readonly mostSize?: number;
  /**
   * The most items that may wait for a flush; more are not taken. Undefined means that the caller adds no more than it
   * has a bound for.
   */
  readonly mostWaiting?: number;
  /** Awaited before each flush, so that batches grow: see createPace, or a sleep. Default: no pause. */
  readonly pause?: () => Promise<void>;
  /** The size of an item. Default: 0. */
  sizeOf?(item: Item): number;
}

export interface Batcher<Item> {
  /** Adds an item; false if too many items wait already, and this one is not taken. */
  add(item: Item): boolean;
  /** Resolves when everything that was added has been flushed. */
  idle(): Promise<void>;
}

/**
 * Gathers items while a flush is under way, and flushes what has gathered, in order, one batch at a time: an item that is
 * alone does not wait, many share a round trip. `flush` answers for its items itself, failures included: it must not reject.
 */
export function createBatcher<Item>(
  flush: (items: readonly Item[]) => Promise<void>,
  options: BatcherOptions<Item>,
): Batcher<Item> {
  const { mostWaiting = Number.POSITIVE_INFINITY, pause = async () => {} } = options;
  let waiting: Item[] = [];
  let flushing: Promise<void> | undefined;
  const flushAll = async (): Promise<void> => {
    await Promise.resolve(); /* items that are added in the same step belong to the first batch */
    try {
      while (waiting.length > 0) {
        await pause();
        const batch = waiting.slice(0, countOfBatch(waiting, options));
        waiting = waiting.slice(batch.length);
        await flush(batch);
      }
    } finally {
      /* In the very step in which nothing waits: an item that is added a step later must find nobody flushing. */
      flushing = undefined;
    }
  };
  return {
    add: (item) => {
      if (waiting.length >= mostWaiting) return false;
      waiting.push(item);
      flushing ??= flushAll();
      return true;
    },
    idle: async () => {
      while (flushing !== undefined) await flushing;
    },
  };
}

/** Counts the first items that are flushed together: one at least. */
function countOfBatch<Item>(
  items: readonly Item[],
  { most, mostSize = Number.POSITIVE_INFINITY, sizeOf = () => 0 }: BatcherOptions<Item>,
): number {
  let size = 0;
  const end = items.slice(0, most).findIndex((item, at) => {
    size += sizeOf(item);
    return at > 0 && size > mostSize;
  });
  return end < 0 ? most : end;
}
