/** The sources of time and chance, so that tests can choose theirs. */
export interface Clock {
  /** Milliseconds since 1970, by the wall clock, which people and time servers set back and forth: for display and for storage. */
  now(): number;
  /** Milliseconds since any moment, which nobody sets back: for intervals, timers and leases. */
  monotonic(): number;
  /** 0 ≤ x < 1. */
  random(): number;
  /** Resolves after that time, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
