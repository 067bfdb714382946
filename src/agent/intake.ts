import type { Delivery } from '#domain/broker.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { AgentStore, ClaimedExecution } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { Relay } from '#outbox/relay.ts';
import { type Patience, untilAvailable } from './backoff.ts';
import { createBatcher } from './batcher.ts';
import type { Reach } from './fault-point.ts';

/** Executions that take longer than this on average are claimed only when a slot is free. */
const SHORT_MS = 50;

/** From deliveries to claimed executions in free slots. */
export interface Intake {
  offer(delivery: Delivery): void;
  /** Claimed and running, or about to. */
  claimed(): readonly ClaimedExecution[];
  /** Takes nothing more. What is claimed and has not begun is handed to `handBack`. */
  close(): readonly ClaimedExecution[];
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

interface IntakeParts {
  readonly store: AgentStore;
  readonly relay: Relay;
  readonly session: WorkerSession;
  readonly slots: number;
  readonly leaseMs: number;
  readonly patience: Patience;
  readonly reach: Reach;
  now(): number;
  /** Runs one to its end, and never rejects. */
  run(claimed: ClaimedExecution): Promise<void>;
}

interface Offered {
  readonly execution: ExecutionId;
  readonly attempt: number | undefined;
  readonly delivery: Delivery;
}

/**
 * Claims in batches, acknowledges, runs. While executions are short, the next ones are claimed before a slot is free, so
 * that no slot waits for a round trip.
 */
export function createIntake(parts: IntakeParts): Intake {
  const { store, relay, session, slots, leaseMs, patience, reach, now, run } = parts;
  const waiting: Offered[] = [];
  /* Offered, claimed or running: what is known here is not taken again when it is delivered again. */
  const known = new Map<ExecutionId, ClaimedExecution | undefined>();
  const ready: ClaimedExecution[] = [];
  let claiming = 0;
  let running = 0;
  let isClosed = false;
  let averageMs = Number.POSITIVE_INFINITY;
  let allEnded = Promise.withResolvers<void>();
  const claims = createBatcher<Offered>(async (batch) => await claim(batch), slots * 2);
  const claim = async (batch: readonly Offered[]): Promise<void> => {
    const offers = batch.map(({ execution, attempt }) => ({ execution, attempt }));
    const answer = await untilAvailable(() => store.claim(session, offers, leaseMs), patience);
    claiming -= batch.length;
    const taken = new Map(answer?.claimed.map((one) => [one.execution, one]));
    if (taken.size > 0) reach('claimed');
    relay.publish(answer?.messages ?? []);
    for (const { execution, delivery } of batch) {
      if (answer) delivery.acknowledge();
      const one = taken.get(execution);
      if (one) {
        known.set(execution, one);
        ready.push(one);
      } else known.delete(execution);
    }
    if (taken.size > 0) reach('acknowledged');
    pump();
  };
  const pump = (): void => {
    while (!isClosed && running < slots) {
      const next = ready.shift();
      if (!next) break;
      void start(next);
    }
    const ahead = averageMs < SHORT_MS ? slots : 0;
    while (!isClosed && running + ready.length + claiming < slots + ahead) {
      const next = waiting.shift();
      if (!next) break;
      claiming++;
      claims.add(next);
    }
  };
  const start = async (claimed: ClaimedExecution): Promise<void> => {
    running++;
    const startedAt = now();
    await run(claimed);
    const tookMs = now() - startedAt;
    averageMs = averageMs === Number.POSITIVE_INFINITY ? tookMs : averageMs * 0.9 + tookMs * 0.1;
    running--;
    known.delete(claimed.execution);
    if (running === 0) {
      allEnded.resolve();
      allEnded = Promise.withResolvers();
    }
    pump();
  };
  return {
    offer: (delivery) => {
      const { message } = delivery;
      if (message.kind !== 'dispatch' || message.worker !== session.worker || known.has(message.execution)) {
        delivery.acknowledge();
        return;
      }
      reach('delivered');
      if (isClosed) return; /* goes back with its consumer */
      known.set(message.execution, undefined);
      waiting.push({ execution: message.execution, attempt: message.attempt, delivery });
      pump();
    },
    claimed: () => [...known.values()].flatMap((one) => one ?? []),
    close: () => {
      isClosed = true;
      for (const { execution } of waiting.splice(0)) known.delete(execution);
      const unstarted = ready.splice(0);
      for (const { execution } of unstarted) known.delete(execution);
      return unstarted;
    },
    idle: async () => {
      await claims.idle();
      while (running > 0) await allEnded.promise;
    },
  };
}
