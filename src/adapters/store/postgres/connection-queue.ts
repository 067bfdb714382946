/** Makes a queue that runs at most `most` works at once, in the order in which they come. */
export function createConnectionQueue(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      /* The place of this one is the next one's. */
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
