import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import { Problem } from './problem.ts';

/** How many executions a requester may have that have not ended. */
export interface UnfinishedQuota {
  /**
   * Takes the place of one more execution, to be disposed once it is requested; undefined: there is none. Each server
   * counts rarely: it hands out half of the places that it finds free, and then counts again.
   */
  take(requester: string): Promise<Disposable | undefined>;
  problem(): Problem;
}

interface Count {
  /** Places that may be handed out before the next count. */
  left: number;
  /** True if the count found no place: the next one is a while behind `at`. */
  isFull: boolean;
  at: number;
  /** Places that were handed out for what may not be stored yet. */
  pending: number;
  /** Called when none is pending. */
  settled: () => void;
  running: Promise<void> | undefined;
}

/** A requester that has no place is counted anew after so long. */
const LOOK_AGAIN_MS = 1000;
/** Requesters that are remembered. */
const MOST_KNOWN = 10_000;

/** Makes a quota of so many unfinished executions of each requester; 0 sets none. */
export function createUnfinishedQuota(
  { store, clock }: { readonly store: Pick<ClientStore, 'countUnfinished'>; readonly clock: Pick<Clock, 'monotonic'> },
  most: number,
): UnfinishedQuota {
  const known = new Map<string, Count>();
  const countAgain = async (requester: string, count: Count): Promise<void> => {
    /* No place is handed out meanwhile. Of what is being stored nobody would know whether it was counted. */
    if (count.pending > 0) await new Promise<void>((resolve) => Object.assign(count, { settled: resolve }));
    const free = most - (await store.countUnfinished(requester, most));
    Object.assign(count, { left: Math.ceil(free / 2), isFull: free === 0, at: clock.monotonic() });
  };
  const refill = (requester: string, count: Count): Promise<void> =>
    countAgain(requester, count).finally(() => {
      count.running = undefined;
    });
  const find = (requester: string): Count => {
    const found = known.get(requester);
    if (found) return found;
    if (known.size >= MOST_KNOWN) for (const [name, { pending }] of known) if (pending === 0) known.delete(name);
    const made: Count = { left: 0, isFull: false, at: 0, pending: 0, settled: () => {}, running: undefined };
    known.set(requester, made);
    return made;
  };
  return {
    take: async (requester) => {
      if (most === 0) return { [Symbol.dispose]: () => {} };
      const count = find(requester);
      while (count.left === 0) {
        if (count.isFull && clock.monotonic() - count.at < LOOK_AGAIN_MS) return undefined;
        count.running ??= refill(requester, count);
        await count.running;
        if (count.isFull) return undefined;
      }
      count.left--;
      count.pending++;
      const settle = (): void => {
        count.pending--;
        if (count.pending === 0) count.settled();
      };
      return { [Symbol.dispose]: settle };
    },
    problem: () =>
      new Problem(
        'too-many-unfinished',
        `${most} executions of this token have not ended: wait for some, or cancel them (server.most_unfinished)`,
        { headers: { 'retry-after': '2' } },
      ),
  };
}
