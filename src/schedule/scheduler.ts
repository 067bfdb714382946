import type { Broker, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { EXCHANGES } from '#domain/messages.ts';
import type { Store } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Relay } from '#outbox/relay.ts';
import { createBell } from './bell.ts';
import { catchDeadLetters } from './dead-letters.ts';
import { createThroughput } from './lookahead.ts';
import { createMonitor } from './monitor.ts';
import { planBatch } from './plan.ts';

export interface SchedulerSettings {
  /** A worker that is silent for so long is lost. */
  readonly leaseMs: number;
  /** An unclaimed execution is rung for again after so long. */
  readonly redispatchMs: number;
  /** How long an execution that nobody can run waits for somebody who can. */
  readonly patienceMs: number;
  readonly logRetentionDays: number;
}

export interface SchedulerParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly relay: Relay;
  readonly clock: Clock;
  /** Hears of what people should know: a lost worker, a recovered execution. */
  report(event: string, details: Readonly<Record<string, unknown>>): void;
}

/** Of each action in one pass. */
const PASS_LIMIT = 100;
/** Without any message the database is asked this often. */
const TICK_MS = 500;
const PREFETCH = 1000;

/** Something has changed: these only ring, the database is the truth. */
const bells: readonly QueueDefinition[] = [
  { name: 'attune.execution.requests.queue', bindings: [executions('execution.requested')] },
  { name: 'attune.execution.status.queue', bindings: [executions('execution.status.changed')] },
  { name: 'attune.execution.completed.queue', bindings: [executions('execution.completed')] },
];

function executions(routingKey: string): QueueDefinition['bindings'][number] {
  return { exchange: EXCHANGES.executions, routingKey };
}

/** Schedules and monitors until `stop` aborts. Never rejects while the parts can be expected to come back. */
export async function runScheduler(
  parts: SchedulerParts,
  settings: SchedulerSettings,
  stop: AbortSignal,
): Promise<void> {
  const bell = createBell();
  const monitor = createMonitor(parts, settings, bell.ring);
  await using consumers = new AsyncDisposableStack();
  for (const queue of bells)
    consumers.use(
      parts.broker.consume(queue, {
        prefetch: PREFETCH,
        onMessage: (delivery) => {
          delivery.acknowledge();
          bell.ring();
        },
      }),
    );
  consumers.use(catchDeadLetters(parts, stop));
  await Promise.all([scheduleLoop(parts, settings, { stop, bell }), monitor.run(stop), parts.relay.sweep(stop)]);
}

async function scheduleLoop(
  { store, relay, clock }: SchedulerParts,
  { leaseMs, patienceMs }: SchedulerSettings,
  { stop, bell }: { readonly stop: AbortSignal; readonly bell: ReturnType<typeof createBell> },
): Promise<void> {
  const throughput = createThroughput(clock.now);
  const pass = async (): Promise<number> => {
    const scheduled = await store.schedule({ limit: PASS_LIMIT, leaseMs }, (requests, workers) => {
      const decisions = planBatch(requests, workers, {
        patienceMs,
        lookahead: ({ worker }) => throughput.lookahead(worker),
      });
      for (const decision of decisions) if (decision.kind === 'dispatch') throughput.record(decision.worker);
      return decisions;
    });
    relay.publish(scheduled?.messages ?? []);
    return (scheduled?.dispatched ?? 0) + (scheduled?.givenUp ?? 0);
  };
  while (!stop.aborted) {
    try {
      if ((await pass()) === 0) await bell.wait(TICK_MS, stop);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      await clock.sleep(TICK_MS * (0.5 + clock.random()), stop);
    }
  }
}
