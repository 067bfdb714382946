/** Milliseconds after which timers of JavaScript fire at once instead: they count in 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

export interface Timer {
  /** Calls off the timer; harmless when it has fired. */
  stop(): void;
}

/**
 * Calls `wake` once after `ms`, which may be any number of milliseconds: long times are waited for in pieces. The process
 * stays alive for it, unless `keepsAlive` is false.
 */
export function startTimer(ms: number, wake: () => void, { keepsAlive = true } = {}): Timer {
  let leftMs = Math.max(0, ms);
  let current: ReturnType<typeof setTimeout>;
  const next = (): void => {
    const piece = Math.min(leftMs, LONGEST_MS);
    leftMs -= piece;
    current = setTimeout(leftMs > 0 ? next : wake, piece);
    if (!keepsAlive) current.unref();
  };
  next();
  return { stop: () => clearTimeout(current) };
}
