import { whenAborted } from '#domain/abort.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';

type Attempt = Pick<ClaimedExecution, 'execution' | 'attempt'>;

/** The leases of a process, by its own clock: how long each is sure to last, whatever became of the answers since. */
export interface Leases {
  /** The store, whose answers to claims and heartbeats are noted. */
  readonly store: AgentStore;
  /**
   * Resolves when the lease of a claimed execution is sure to last now, at once while it does, else with the next
   * heartbeat that renews it; or when `stop` aborts, as it does for one that was lost.
   */
  untilSure(claimed: Attempt, stop: AbortSignal): Promise<void>;
}

/**
 * Watches the leases of a store. A process may be stopped for longer than a lease between a claim and the start of its
 * program, and then somebody else may run it. A lease is counted from its question, before which it cannot have begun. A
 * claim has the lease of its process, of which it leaves half at least.
 */
export function watchLeases(store: AgentStore, { monotonic }: Pick<Clock, 'monotonic'>): Leases {
  const ends = new Map<string, number>();
  let renewedUntil = 0;
  let renewed = Promise.withResolvers<void>();
  const note = (held: readonly Attempt[], end: number): void => {
    const now = monotonic();
    for (const [key, before] of ends) if (before <= now) ends.delete(key);
    for (const one of held) ends.set(keyOf(one), end);
    renewed.resolve();
    renewed = Promise.withResolvers();
  };
  return {
    store: {
      ...store,
      claim: async (session, offers, leaseMs) => {
        const asked = monotonic();
        const answer = await store.claim(session, offers, leaseMs);
        note(answer.claimed, Math.max(renewedUntil, asked + leaseMs / 2));
        return answer;
      },
      heartbeat: async (session, leaseMs, mostScheduled) => {
        const asked = monotonic();
        const answer = await store.heartbeat(session, leaseMs, mostScheduled);
        if (answer.kind !== 'alive') return answer;
        renewedUntil = asked + leaseMs;
        note(answer.claims, renewedUntil);
        return answer;
      },
    },
    untilSure: async (claimed, stop) => {
      while (!stop.aborted && (ends.get(keyOf(claimed)) ?? 0) <= monotonic())
        await Promise.race([renewed.promise, whenAborted(stop)]);
      ends.delete(keyOf(claimed)); /* nobody asks again, and a heartbeat notes what still runs */
    },
  };
}

function keyOf({ execution, attempt }: Attempt): string {
  return `${execution}/${attempt}`;
}
