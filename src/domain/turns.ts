/** Resolves when it is one's turn; undefined: at once. */
export type Turn = () => Promise<void> | undefined;

/** Milliseconds of work after which others get their turn. */
const TURN_MS = 8;

/**
 * Makes a function that lets others have their turn, when the last one is some milliseconds ago. Long work calls it after
 * each small step.
 */
export function takeTurns(): Turn {
  return takeTurnsBy(() => new Promise((resolve) => setImmediate(resolve)), TURN_MS);
}

/** Makes such a function for another place than the event loop of a server: `next` resolves when others have had their turn. */
export function takeTurnsBy(next: () => Promise<void>, turnMs: number): Turn {
  let last = performance.now();
  return () => {
    if (performance.now() - last < turnMs) return undefined;
    return next().then(() => {
      last = performance.now();
    });
  };
}

/**
 * Makes a function that work of a size awaits before it begins. The works that begin in one turn of the event loop have
 * together `most` at most, a larger one is alone; the others wait, in order. So many that come at once keep nobody from
 * their turns for longer than the largest of them does.
 */
export function shareTurns(most: number): (size: number) => Promise<void> | undefined {
  const waiting: { readonly size: number; begin(): void }[] = [];
  let begun: number | undefined;
  const fits = (size: number): boolean => begun === undefined || begun + size <= most;
  const begin = (size: number): void => {
    if (begun === undefined) setImmediate(endTurn);
    begun = (begun ?? 0) + size;
  };
  const endTurn = (): void => {
    begun = undefined;
    for (let next = waiting[0]; next && fits(next.size); next = waiting[0]) {
      waiting.shift();
      begin(next.size);
      next.begin();
    }
  };
  return (size) => {
    if (waiting.length === 0 && fits(size)) return void begin(size);
    return new Promise((resolve) => waiting.push({ size, begin: resolve }));
  };
}

/** Makes a function that runs at most `most` works at once; the others wait, in the order in which they came. */
export function limitWorks(most: number): <T>(work: () => Promise<T>) => Promise<T> {
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
