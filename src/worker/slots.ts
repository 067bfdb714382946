import type { ClaimedExecution } from '#domain/claimed-execution.ts';

/** So much work may be claimed before a slot is free: executions that take longer are claimed only when one is. */
const OVERCOMMIT_MS = 25;
/** Weight of the newest in the average. */
const NEWEST = 0.1;

/** The slots of a worker, which run so many executions at once; what comes early waits. */
export interface Slots {
  add(claimed: ClaimedExecution): void;
  /**
   * The number of further executions that may be claimed: while executions are short some ahead, so that no slot waits
   * for a round trip.
   */
  room(): number;
  /** While it is held there is no room; what has been added begins all the same. */
  hold(isHeld: boolean): void;
  /** Begins nothing more; returns what has not begun. */
  close(): readonly ClaimedExecution[];
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

interface SlotsDependencies {
  readonly slots: number;
  now(): number;
  /** Runs one to its end, and never rejects. */
  run(claimed: ClaimedExecution): Promise<void>;
  /** Is told that an execution has ended. */
  onEnd(claimed: ClaimedExecution): void;
}

export function createSlots({ slots, now, run, onEnd }: SlotsDependencies): Slots {
  const ready: ClaimedExecution[] = [];
  let running = 0;
  let isClosed = false;
  let isHeld = false;
  let averageMs = Number.POSITIVE_INFINITY;
  let allEnded = Promise.withResolvers<void>();
  const fill = (): void => {
    while (!isClosed && running < slots) {
      const next = ready.shift();
      if (!next) return;
      void start(next);
    }
  };
  const start = async (claimed: ClaimedExecution): Promise<void> => {
    running++;
    const startedAt = now();
    await run(claimed);
    const tookMs = now() - startedAt;
    averageMs = averageMs === Number.POSITIVE_INFINITY ? tookMs : averageMs * (1 - NEWEST) + tookMs * NEWEST;
    running--;
    if (running === 0) {
      allEnded.resolve();
      allEnded = Promise.withResolvers();
    }
    fill();
    onEnd(claimed);
  };
  return {
    add: (claimed) => {
      ready.push(claimed);
      fill();
    },
    room: () =>
      isClosed || isHeld
        ? 0
        : slots * (1 + Math.floor(OVERCOMMIT_MS / Math.max(averageMs, 1))) - running - ready.length,
    hold: (next) => {
      isHeld = next;
    },
    close: () => {
      isClosed = true;
      return ready.splice(0);
    },
    idle: async () => {
      while (running > 0) await allEnded.promise;
    },
  };
}
