import { whenAborted } from '#domain/abort.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { Broker, Consumer } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { NameTaken, NotYours, RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { workerQueues } from '#domain/worker-queues.ts';
import { type RetryPolicy, untilAvailable } from './backoff.ts';
import { createDeliver } from './deliver.ts';
import { drain } from './drain.ts';
import { createExecutor } from './executor.ts';
import type { Reach } from './fault-point.ts';
import { beat } from './heartbeat.ts';
import { createIntake, type Intake } from './intake.ts';
import { ledgerOf, openAhead, pruneNowAndThen } from './keep-environments.ts';
import { registerWorker } from './register.ts';
import { createReporter } from './reporter.ts';
import type { ExecutionSettings } from './run-claimed.ts';
import type { Spool } from './spool.ts';

export interface WorkerSettings {
  readonly registration: RegistrationRequest;
  readonly execution: ExecutionSettings;
  readonly heartbeatMs: number;
  /** Silent for so long, a worker is lost. */
  readonly leaseMs: number;
  /** From the first signal to the end. */
  readonly shutdownMs: number;
  readonly spoolLimitBytes: number;
}

export interface WorkerDependencies {
  readonly store: AgentStore;
  readonly broker: Broker;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly spool: Spool | undefined;
  readonly reach: Reach;
  readonly health: HealthBoard;
  hasEnded(process: string): boolean;
  readonly logger: Logger;
}

/** Where the worker writes how it fares. */
export interface HealthBoard {
  phase: 'starting' | 'working' | 'draining' | 'stopped';
  /** Undefined: the database answers. */
  databaseProblem: string | undefined;
  worker: string | undefined;
  running(): number;
  isCordoned: boolean;
}

/** `cancel`: drain. `killNow`: end at once. */
export interface WorkerSignals {
  readonly cancel: AbortSignal;
  readonly killNow: AbortSignal;
}

export type WorkerEnd = { readonly kind: 'drained' } | { readonly kind: 'replaced' } | NameTaken | NotYours;

const PREFETCH_BEYOND_SLOTS = 2;

/** The whole life: register, beat and consume until told to stop, drain. Rejects for defects only. */
export async function runWorker(
  deps: WorkerDependencies,
  settings: WorkerSettings,
  signals: WorkerSignals,
): Promise<WorkerEnd> {
  const { store, clock, logger } = deps;
  const { registration, heartbeatMs, leaseMs } = settings;
  const retryPolicy = retryPolicyOf(deps, signals.cancel);
  await deliverLeftovers(deps, retryPolicy);
  const outcome = await registerWorker(registration, {
    store,
    clock,
    retryPolicy,
    heartbeatMs,
    leaseMs,
    hasEnded: deps.hasEnded,
    onWaiting: ({ host, pid }, waitMs) =>
      logger.info('name held', { name: registration.name, host, pid, waits_ms: waitMs }),
  });
  if (!outcome) return { kind: 'drained' };
  if (outcome.kind !== 'registered') return outcome;
  const session = { worker: outcome.worker, instance: registration.instance };
  logger.info('registered', { worker: session.worker, name: registration.name });
  return await work({ ...deps, session }, settings, signals);
}

/** Results of an earlier process, which may still count: its claims are fenced by its own name. */
async function deliverLeftovers(
  { store, relay, spool, logger }: WorkerDependencies,
  retryPolicy: RetryPolicy,
): Promise<void> {
  if (!spool) return;
  const { chunks, settlements } = spool.readLeftovers();
  if (chunks.length === 0 && settlements.length === 0) return;
  const delivered = await untilAvailable(async () => {
    await store.appendLogs(chunks);
    const { accepted, messages } = await store.settle(settlements);
    relay.publish(messages);
    return accepted.length;
  }, retryPolicy);
  if (delivered === undefined) return;
  spool.removeLeftovers();
  logger.info('spool delivered', { chunks: chunks.length, results: settlements.length, accepted: delivered });
}

function retryPolicyOf({ clock, health }: WorkerDependencies, stop: AbortSignal): RetryPolicy {
  return {
    clock,
    stop,
    onProblem: (problem) => {
      health.databaseProblem = problem;
    },
  };
}

type SessionDependencies = WorkerDependencies & { readonly session: WorkerSession };

async function work(deps: SessionDependencies, settings: WorkerSettings, signals: WorkerSignals): Promise<WorkerEnd> {
  const { broker, health, session, relay } = deps;
  const { execution, leaseMs } = settings;
  const { max_concurrent_executions: slots, ephemeral: isEphemeral = false } = settings.registration.capabilities;
  const reporter = createReporter({ ...deps, deliver: createDeliver(deps), limitBytes: settings.spoolLimitBytes });
  const environments = settings.execution.openEnvironments(ledgerOf(deps.store, session));
  const ahead = openAhead({ ...deps, environments }, settings.execution, signals.cancel);
  const executor = createExecutor({ ...deps, settings: execution, environments, reporter, killNow: signals.killNow });
  const retryPolicy = retryPolicyOf(deps, signals.cancel);
  const intake = createIntake({
    ...deps,
    slots,
    leaseMs,
    retryPolicy,
    run: executor.run,
    isPending: reporter.holds,
  });
  const silent = new AbortController();
  const sweeping = [relay.sweep(silent.signal), pruneNowAndThen({ ...deps, environments }, silent.signal)];
  const beating = beat(
    {
      ...deps,
      everyMs: settings.heartbeatMs,
      leaseMs,
      held: intake.claimed,
      onBeat: ({ isCordoned }) => Object.assign(health, { isCordoned, databaseProblem: undefined }),
      onLost: ({ execution }) => executor.interrupt(execution, 'lost'),
      onCanceling: ({ execution }) => executor.interrupt(execution, 'cancelled'),
      onStray: ({ execution, attempt }) => {
        if (!reporter.holds(execution)) reporter.settle({ ...session, execution, attempt, verdict: strayVerdict });
      },
      onProblem: retryPolicy.onProblem,
    },
    silent.signal,
  );
  const consumers = consume(broker, {
    session,
    intake,
    slots,
    isEphemeral,
    beatNow: beating.beatNow,
    onPack: ahead.add,
  });
  Object.assign(health, { worker: session.worker, phase: 'working', running: executor.count });
  const isReplaced = await Promise.race([
    beating.end.then((end) => end === 'replaced'),
    whenAborted(signals.cancel).then(() => false),
  ]);
  health.phase = 'draining';
  if (isReplaced) executor.interruptAll('lost');
  const shutdownMs = isReplaced ? 0 : settings.shutdownMs;
  await drain({ ...deps, intake, reporter, executor, consumers }, { shutdownMs, killNow: signals.killNow });
  silent.abort();
  await Promise.all([beating.end, ...sweeping, ahead.idle()]);
  health.phase = 'stopped';
  return isReplaced ? { kind: 'replaced' } : { kind: 'drained' };
}

/** It was never begun here. */
const strayVerdict = {
  kind: 'again',
  reason: 'the answer to its claim was lost',
  delayMs: 0,
  result: { succeeded: false, cancelled: true, error: 'cancelled' },
} as const;

interface Consuming {
  readonly session: WorkerSession;
  readonly intake: Intake;
  readonly slots: number;
  readonly isEphemeral: boolean;
  /** Beats at once, to ask the database what it wants. */
  beatNow(): void;
  onPack(packRef: string): void;
}

/** The queues of this worker: executions first, to be closed first. */
function consume(
  broker: Broker,
  { session, intake, slots, isEphemeral, beatNow, onPack }: Consuming,
): readonly Consumer[] {
  const { worker } = session;
  const queues = workerQueues(worker, isEphemeral);
  const isHeld = (execution: ExecutionId): boolean => intake.claimed().some((one) => one.execution === execution);
  return [
    broker.consume(queues.executions, {
      consumerTag: `worker-${worker}`,
      prefetch: slots + PREFETCH_BEYOND_SLOTS,
      onMessage: intake.offer,
    }),
    broker.consume(queues.cancel, {
      consumerTag: `worker-${worker}-cancel`,
      prefetch: 10,
      onMessage: (delivery) => {
        /* Messages may be anybody's: whether an end is wanted is for the database to say. */
        if (delivery.message.kind === 'cancel' && isHeld(delivery.message.execution)) beatNow();
        delivery.acknowledge();
      },
    }),
    broker.consume(queues.packs, {
      consumerTag: `worker-${worker}-packs`,
      prefetch: 10,
      onMessage: (delivery) => {
        if (delivery.message.kind === 'pack-changed') onPack(delivery.message.packRef);
        delivery.acknowledge();
      },
    }),
  ];
}
