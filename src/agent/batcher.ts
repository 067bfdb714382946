/**
 * Gathers while a flush is under way, and flushes what has gathered: alone nothing waits, together all share a round
 * trip. `flush` gets at most `most` items and settles them itself; it must not reject.
 */
export function createBatcher<T>(
  flush: (items: readonly T[]) => Promise<void>,
  most: number,
): { add(item: T): void; idle(): Promise<void> } {
  let gathered: T[] = [];
  let flushing: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    await Promise.resolve(); /* what this very step adds goes along */
    while (gathered.length > 0) {
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
