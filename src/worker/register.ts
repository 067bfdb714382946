import type { AgentStore } from '#domain/agent-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { NameTaken, RegistrationOutcome, RegistrationRequest } from '#domain/worker.ts';
import { type RetryPolicy, untilAvailable } from './backoff.ts';

interface RegisterDependencies {
  readonly store: Pick<AgentStore, 'register'>;
  readonly clock: Clock;
  readonly retryPolicy: RetryPolicy;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  /** Tells whether that process, of this very machine, has ended; false where it cannot be told. */
  hasEnded(process: string): boolean;
  /** The name is held; now it is watched whether its holder lives. */
  onWaiting(holder: NameTaken, waitMs: number): void;
}

/**
 * Takes the worker's name. When another process holds it that cannot be seen to have ended, its heartbeat decides: when
 * it moves the name is taken, when it stands still for a lease its holder is dead, and the name is ours. Resolves with
 * undefined if `stop` aborts before.
 */
export async function registerWorker(
  registration: RegistrationRequest,
  deps: RegisterDependencies,
): Promise<RegistrationOutcome | undefined> {
  const { store, clock, retryPolicy, heartbeatMs, leaseMs, hasEnded, onWaiting } = deps;
  const attempt = (gone?: string): Promise<RegistrationOutcome | undefined> =>
    untilAvailable(() => store.register(registration, leaseMs, gone), retryPolicy);
  const first = await attempt();
  if (first?.kind !== 'name-taken') return first;
  if (hasEnded(first.process)) return await attempt(first.instance);
  onWaiting(first, leaseMs);
  while (!retryPolicy.stop.aborted) {
    await clock.sleep(heartbeatMs / 3, retryPolicy.stop);
    const later = await attempt();
    if (later?.kind !== 'name-taken' || later.heartbeat !== first.heartbeat) return later;
  }
  return undefined;
}
