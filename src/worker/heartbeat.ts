import type { AgentStore, HeldClaim, ScheduledAttempt } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { WorkerSession } from '#domain/worker.ts';

export interface HeartbeatDependencies {
  readonly store: Pick<AgentStore, 'heartbeat'>;
  readonly clock: Clock;
  readonly session: WorkerSession;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  /** The executions that this process believes to hold. */
  held(): readonly ClaimedExecution[];
  /** The number of executions that this process could take besides. */
  room(): number;
  readonly listener: HeartbeatListener;
}

/** A listener to the database's answers to heartbeats. */
export interface HeartbeatListener {
  onBeat(heard: { readonly isCordoned: boolean }): void;
  /** Is told that this process does not hold the execution any more: whatever runs of it must end, unreported. */
  onLost(claimed: ClaimedExecution): void;
  /** Is told that the end of the execution is wanted, since perhaps no message said so. */
  onCanceling(claim: HeldClaim): void;
  /** The database says that this process holds it, and it knows nothing of it: an answer was lost. */
  onStray(claim: HeldClaim): void;
  /** Is told what is scheduled for this process, since perhaps no message says so. */
  onScheduled(scheduled: readonly ScheduledAttempt[]): void;
  onProblem(problem: Trouble): void;
}

/** Milliseconds from a wish to beat soon to the beat, for all such wishes meanwhile. */
const SOON_MS = 250;

export interface Beating {
  /** Rejects for defects only: any silence of the database is survived. */
  readonly end: Promise<'stopped' | 'replaced'>;
  /** Sends the next heartbeat at once: a message says that the database knows something new. */
  beatNow(): void;
  /** Sends a heartbeat within a quarter of a second, however often it is called meanwhile. */
  beatSoon(): void;
}

/** Sends heartbeats until `stop` aborts or another process has taken the name. */
export function beat(deps: HeartbeatDependencies, stop: AbortSignal): Beating {
  let rest = new AbortController();
  const beatNow = (): void => rest.abort();
  stop.addEventListener('abort', beatNow);
  const beatOn = async (): Promise<'stopped' | 'replaced'> => {
    let strays: readonly string[] | undefined = [];
    while (!stop.aborted) {
      rest = new AbortController();
      strays = await beatOnce(deps, strays);
      if (strays === undefined) return 'replaced';
      await deps.clock.sleep(deps.heartbeatMs * (0.9 + deps.clock.random() / 10), rest.signal);
    }
    return 'stopped';
  };
  let isSoon = false;
  const beatSoon = (): void => {
    if (isSoon) return;
    isSoon = true;
    void deps.clock.sleep(SOON_MS, stop).then(() => {
      isSoon = false;
      beatNow();
    });
  };
  return { end: beatOn().finally(() => stop.removeEventListener('abort', beatNow)), beatNow, beatSoon };
}

/** The strays it has found; undefined: another process has the name. */
async function beatOnce(
  deps: HeartbeatDependencies,
  strays: readonly string[],
): Promise<readonly string[] | undefined> {
  const { store, session, leaseMs, listener } = deps;
  const before = deps.held();
  try {
    const heard = await store.heartbeat(session, leaseMs, deps.room());
    if (heard.kind === 'replaced') return undefined;
    listener.onBeat(heard);
    listener.onScheduled(heard.scheduled);
    return compare(deps, { before, claims: heard.claims, strays });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    listener.onProblem(error.trouble);
    return strays;
  }
}

interface Comparison {
  readonly before: readonly ClaimedExecution[];
  readonly claims: readonly HeldClaim[];
  readonly strays: readonly string[];
}

/**
 * Compares the claims of this process with those in the database: only what was held before the question and is held
 * still can be lost; only what was stray twice is one.
 */
function compare(deps: HeartbeatDependencies, { before, claims, strays }: Comparison): readonly string[] {
  const { listener } = deps;
  const now = deps.held();
  const same = (a: Pick<HeldClaim, 'execution' | 'attempt'>) => (b: Pick<HeldClaim, 'execution' | 'attempt'>) =>
    a.execution === b.execution && a.attempt === b.attempt;
  for (const one of before) if (!claims.some(same(one)) && now.includes(one)) listener.onLost(one);
  for (const claim of claims) if (claim.isCanceling) listener.onCanceling(claim);
  const unknown = claims.filter((claim) => !(now.some(same(claim)) || before.some(same(claim))));
  for (const claim of unknown) if (strays.includes(keyOf(claim))) listener.onStray(claim);
  return unknown.map(keyOf);
}

function keyOf({ execution, attempt }: HeldClaim): string {
  return `${execution}/${attempt}`;
}
