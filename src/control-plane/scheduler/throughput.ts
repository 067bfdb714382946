import type { WorkerId } from '#domain/ids.ts';

/** What a worker gets through in this time may wait at it: so much passes between its asking and our answer. */
const OVERCOMMIT_MS = 50;
const WINDOW_MS = 1000;

export interface Throughput {
  /** Counts executions given to a worker. */
  record(worker: WorkerId): void;
  /**
   * The number of executions above its slots that a worker may be given: none while its executions take long, many
   * while they are short.
   */
  overcommit(worker: WorkerId): number;
}

/** Measures the rate at which each worker took executions in the last second or two. */
export function createThroughput(now: () => number): Throughput {
  let since = now();
  let current = new Map<WorkerId, number>();
  let previous = new Map<WorkerId, number>();
  const turn = (): void => {
    const age = now() - since;
    if (age < WINDOW_MS) return;
    previous = age < 2 * WINDOW_MS ? current : new Map();
    current = new Map();
    since = now();
  };
  return {
    record: (worker) => {
      turn();
      current.set(worker, (current.get(worker) ?? 0) + 1);
    },
    overcommit: (worker) => {
      turn();
      const rate = Math.max(previous.get(worker) ?? 0, current.get(worker) ?? 0) / WINDOW_MS;
      return Math.ceil(rate * OVERCOMMIT_MS);
    },
  };
}
