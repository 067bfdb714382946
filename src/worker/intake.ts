import { createSecret } from '#crypto/api-token.ts';
import type { AgentStore, Claims, Offer, ScheduledAttempt } from '#domain/agent-store.ts';
import { createBatcher } from '#domain/batcher.ts';
import type { Delivery } from '#domain/broker.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { createPace } from '#domain/pace.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type RetryPolicy, untilAvailable } from './backoff.ts';
import type { Reach } from './fault-point.ts';
import { createSlots } from './slots.ts';

/**
 * The intake of a worker, which turns what was delivered, or what the database says is scheduled, into claimed executions
 * in free slots.
 */
export interface Intake {
  offer(delivery: Delivery): void;
  /** Takes what is scheduled for this worker, whether or not a message comes. */
  offerScheduled(scheduled: readonly ScheduledAttempt[]): void;
  /** The number of further executions that could be claimed at once. */
  room(): number;
  /** While it is held nothing is claimed; what is offered waits. */
  hold(isHeld: boolean): void;
  /** Tells whether the execution waits, is claimed or runs here, is being claimed, or has ended here. */
  isHere(execution: ExecutionId): boolean;
  /** The executions that this process holds: running, or about to. */
  claimed(): readonly ClaimedExecution[];
  /** Takes and begins nothing more; returns what is claimed and has not begun. A claim under way is returned by the next call. */
  close(): readonly ClaimedExecution[];
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

interface IntakeDependencies {
  readonly store: Pick<AgentStore, 'claim'>;
  readonly relay: Pick<Relay, 'publish'>;
  readonly session: WorkerSession;
  readonly slots: number;
  readonly leaseMs: number;
  readonly retryPolicy: RetryPolicy;
  readonly reach: Reach;
  readonly clock: Clock;
  /** Tells whether the execution has ended here already, and the database does not know yet. */
  isPending(execution: ExecutionId): boolean;
  /** Runs one to its end, and never rejects. */
  run(claimed: ClaimedExecution): Promise<void>;
}

/** Claims of one statement. */
const MOST_CLAIMS = 100;
/** Milliseconds between the beginnings of two claims while executions come faster than that, so that batches grow. */
const CLAIM_PACE_MS = 5;

interface Offered {
  readonly execution: ExecutionId;
  readonly attempt: number | undefined;
  /** Says that the message has been heeded, where there was one. */
  acknowledge(): void;
}

/**
 * Makes an intake, which claims in batches, acknowledges, and runs. A delivery of an execution that it knows already is
 * only acknowledged.
 */
export function createIntake(deps: IntakeDependencies): Intake {
  const { isHere, isClosed, wait, ...claimer } = createClaimer(deps);
  return {
    ...claimer,
    isHere,
    offer: ({ message, acknowledge }) => {
      const isOurs = message.kind === 'dispatch' && message.worker === deps.session.worker;
      const [first, ...others] = isOurs
        ? [message, ...(message.others ?? [])].filter((one) => !isHere(one.execution))
        : [];
      if (!first) {
        acknowledge();
        return;
      }
      deps.reach('delivered');
      if (isClosed()) return; /* goes back with its consumer */
      wait({ execution: first.execution, attempt: first.attempt, acknowledge });
      for (const { execution, attempt } of others) wait({ execution, attempt, acknowledge: () => {} });
    },
    offerScheduled: (scheduled) => {
      for (const { execution, attempt } of scheduled) {
        if (isClosed() || isHere(execution)) continue;
        deps.reach('delivered');
        wait({ execution, attempt, acknowledge: () => {} });
      }
    },
  };
}

interface Claimer extends Pick<Intake, 'isHere' | 'room' | 'hold' | 'claimed' | 'close' | 'idle'> {
  isClosed(): boolean;
  /** Claims it as soon as there is room. */
  wait(offered: Offered): void;
}

function createClaimer(deps: IntakeDependencies): Claimer {
  const { reach, clock, run } = deps;
  const waiting: Offered[] = [];
  const known = new Map<ExecutionId, ClaimedExecution | undefined>();
  let claiming = 0;
  let isClosed = false;
  const claimMore = (): void => {
    while (!isClosed && slots.room() > claiming) {
      const next = waiting.shift();
      if (!next) return;
      claiming++;
      claims.add(next);
    }
  };
  const slots = createSlots({
    slots: deps.slots,
    now: clock.monotonic,
    run,
    onEnd: ({ execution }) => {
      known.delete(execution);
      claimMore();
    },
  });
  const claims = createBatcher<Offered>(
    async (batch) => {
      const taken = await claimBatch(deps, batch);
      claiming -= batch.length;
      for (const { execution } of batch) known.delete(execution);
      for (const one of taken) known.set(one.execution, one);
      if (taken.length > 0) reach('acknowledged');
      for (const one of taken) slots.add(one);
      claimMore();
    },
    { most: MOST_CLAIMS, pause: createPace(clock, CLAIM_PACE_MS) } /* the slots bound what waits */,
  );
  return {
    isHere: (execution) => known.has(execution) || deps.isPending(execution),
    isClosed: () => isClosed,
    wait: (offered) => {
      known.set(offered.execution, undefined);
      waiting.push(offered);
      claimMore();
    },
    room: () => Math.min(MOST_CLAIMS, Math.max(0, slots.room() - claiming - waiting.length)),
    hold: (isHeld) => {
      slots.hold(isHeld);
      claimMore();
    },
    claimed: () => [...known.values()].flatMap((one) => one ?? []),
    close: () => {
      isClosed = true;
      waiting.length = 0;
      return slots.close();
    },
    idle: () => claims.idle().then(slots.idle),
  };
}

/** Claims what was offered, for as long as it takes; returns what is this worker's now. */
async function claimBatch(deps: IntakeDependencies, batch: readonly Offered[]): Promise<readonly ClaimedExecution[]> {
  const { store, session, leaseMs, retryPolicy } = deps;
  const { offers, grant } = withTokens(batch);
  const since = deps.clock.monotonic();
  const answer = await untilAvailable(() => store.claim(session, offers, leaseMs), retryPolicy);
  const claimMs = deps.clock.monotonic() - since;
  return answer ? acceptClaims(deps, answer, batch).map((one) => ({ ...grant(one), claimMs })) : [];
}

/** Each offer with the hash of a token, which is its execution's where its action is granted one. */
function withTokens(batch: readonly Offered[]): {
  readonly offers: readonly Offer[];
  grant(claimed: ClaimedExecution): ClaimedExecution;
} {
  const tokens = new Map(batch.map(({ execution }) => [execution, createSecret()]));
  return {
    offers: batch.map(({ execution, attempt }) => ({ execution, attempt, tokenHash: tokens.get(execution)?.hash })),
    grant: (claimed) =>
      claimed.action?.hasApiToken ? { ...claimed, apiToken: tokens.get(claimed.execution)?.secret } : claimed,
  };
}

/** Claimed, then acknowledged, in the order of the offers; what was stale is acknowledged all the same. */
function acceptClaims(
  { relay, reach }: IntakeDependencies,
  answer: Claims,
  batch: readonly Offered[],
): readonly ClaimedExecution[] {
  if (answer.claimed.length > 0) reach('claimed');
  relay.publish(answer.messages);
  for (const { acknowledge } of batch) acknowledge();
  const claimed = new Map(answer.claimed.map((one) => [one.execution, one]));
  return batch.flatMap(({ execution }) => claimed.get(execution) ?? []);
}
