import { whenAborted } from '#domain/abort.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { Broker } from '#domain/broker.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { DatabaseKind } from '#domain/database-kind.ts';
import type { PackEnvironmentLedger } from '#domain/environment-ledger.ts';
import type { Logger } from '#domain/logger.ts';
import type { AttemptObserver } from '#domain/observer.ts';
import { JOINED_SWEEPS_EVERY_MS, type Relay } from '#domain/outbox-relay.ts';
import { createSilence } from '#domain/silence.ts';
import type { Tracer } from '#domain/tracing.ts';
import type { NameTaken, NotYours, RegistrationOutcome, RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import type { PackEnvironments } from '#execution/environments/environments.ts';
import type { RetryPolicy } from './backoff.ts';
import { createWrapperCheck } from './check-wrapper.ts';
import { consumeQueues } from './consume.ts';
import { createDeliver } from './deliver.ts';
import { type DrainOptions, drain } from './drain.ts';
import type { ExecutionSettings } from './execution-settings.ts';
import { createExecutor, type Executor, type RunExecution } from './executor.ts';
import type { Reach } from './fault-point.ts';
import type { HealthBoard } from './health-board.ts';
import { type Beating, beat, type HeartbeatListener } from './heartbeat.ts';
import { createIntake, type Intake } from './intake.ts';
import { ledgerOf, openAhead, pruneNowAndThen } from './keep-environments.ts';
import { type Leases, watchLeases } from './leases.ts';
import { deliverLeftovers } from './leftovers.ts';
import { createPausing } from './pausing.ts';
import type { Place } from './place.ts';
import { createPlaces, type Places } from './places.ts';
import { registerWorker } from './register.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { runClaimed } from './run-claimed.ts';
import type { Spool } from './spool.ts';
import { strayVerdict } from './verdict.ts';

export interface WorkerSettings {
  readonly registration: RegistrationRequest;
  readonly execution: ExecutionSettings;
  readonly environments: EnvironmentSettings;
  readonly heartbeatMs: number;
  /** A worker that is silent for longer is lost. */
  readonly leaseMs: number;
  /** The milliseconds from the first signal to the end of the worker's life. */
  readonly shutdownMs: number;
  /** Bytes of logs that may wait in memory while the database is away. */
  readonly spoolLimitBytes: number;
}

interface EnvironmentSettings {
  /**
   * The time at which the dependencies of packs are installed: for the first execution that needs them, or ahead of
   * all.
   */
  readonly prepares: 'lazy' | 'ahead';
  open(ledger: PackEnvironmentLedger): PackEnvironments;
}

/** The connection by which a worker reaches the rest of Attune. */
export interface WorkerConnection {
  readonly store: AgentStore;
  readonly broker: Broker;
  readonly relay: Relay;
  /** What answers the calls of the store. */
  readonly upstream: 'database' | 'server';
}

export interface WorkerDependencies {
  readonly connection: WorkerConnection;
  readonly clock: Clock;
  readonly spool: Spool | undefined;
  /** The directories that the worker writes to. */
  readonly places: readonly Place[];
  readonly reach: Reach;
  readonly health: HealthBoard;
  hasEnded(process: string): boolean;
  /** Gives the memory of what nobody needs any more back, now. */
  collectGarbage(): void;
  readonly logger: Logger;
  /** Hears of each attempt that ends here. */
  readonly observer: AttemptObserver;
  readonly tracer: Tracer;
}

/** The signals to a worker: `cancel` makes it drain, `killNow` makes it end at once. */
export interface WorkerSignals {
  readonly cancel: AbortSignal;
  readonly killNow: AbortSignal;
}

export type WorkerEnd = { readonly kind: 'drained' } | { readonly kind: 'replaced' } | NameTaken | NotYours;

/** A heartbeat without an answer for longer is worth a word, in milliseconds. */
const LATE_MS = 1500;
/** Milliseconds for a worker whose name another process has taken: it has nothing to report. */
const REPLACED_MS = 2000;

/** Runs a worker for its whole life, step by step. Rejects for defects only. */
export async function runWorker(
  { connection, ...machine }: WorkerDependencies,
  settings: WorkerSettings,
  { cancel, killNow }: WorkerSignals,
): Promise<WorkerEnd> {
  const { execution, registration, leaseMs } = settings;
  const leases = watchLeases(connection.store, machine.clock);
  const deps = { ...connection, ...machine, store: leases.store, leases };
  const retryPolicy = retryPolicyOf(deps, cancel);
  await deliverLeftovers(deps, retryPolicy);

  const outcome = await register(deps, settings, retryPolicy);
  if (!outcome) return { kind: 'drained' };
  if (outcome.kind !== 'registered') return outcome;
  const inSession = { ...deps, session: { worker: outcome.worker, instance: registration.instance } };
  const environments = settings.environments.open(ledgerOf(deps.store, inSession.session));
  const ahead = openAhead({ ...deps, environments }, { ...execution, ...settings.environments }, cancel);

  const { places, reporter, executor } = createRunning({ ...inSession, environments, killNow }, settings);
  const { max_concurrent_executions: slots, ephemeral } = registration.capabilities;
  const runHere = (claimed: ClaimedExecution): Promise<void> =>
    executor.run(claimed).then(() => askWithoutBroker(deps.broker, beating));
  const working = { slots, leaseMs, retryPolicy, run: runHere, isPending: reporter.holds };
  const intake = createIntake({ ...inSession, ...working });

  const background = new AbortController();
  const backgroundWork = [
    deps.relay.sweep(background.signal, outcome.database === 'joined' ? JOINED_SWEEPS_EVERY_MS : undefined),
    pruneNowAndThen({ ...deps, environments }, background.signal),
    places.watch(createPausing({ ...inSession, retryPolicy, intake }), background.signal),
  ];
  const listener = createListener(inSession, { executor, reporter, intake });
  const silence = createSilence(deps.clock, { who: connection.upstream, lateMs: LATE_MS });
  const heartbeat: AgentStore['heartbeat'] = (...given) => silence.during(() => deps.store.heartbeat(...given));
  const beats = { ...inSession, ...settings, store: { heartbeat }, held: intake.claimed, room: intake.room, listener };
  const beating = beat(beats, background.signal);
  const consuming = { kind: outcome.database, intake, beatNow: beating.beatNow, onPack: ahead.add };
  const consumers = consumeQueues({ ...inSession, ...consuming }, registration.capabilities);
  Object.assign(deps.health, { worker: outcome.worker, phase: 'working', running: executor.count });
  Object.assign(deps.health, { troubles: places.troubles, silence: silence.trouble });

  const replaced = beating.end.then((end) => end === 'replaced');
  const isReplaced = await Promise.race([replaced, whenAborted(cancel).then(() => false)]);
  deps.health.phase = 'draining';
  if (isReplaced) executor.interruptAll('lost');
  const shutdownMs = isReplaced ? REPLACED_MS : settings.shutdownMs;
  const tooLate = machine.clock.sleep(shutdownMs, killNow);
  const queues = isReplaced ? 'kept' : queuesOf(outcome.database, ephemeral);
  await drain({ ...inSession, intake, reporter, executor, consumers }, { shutdownMs, killNow, queues });

  background.abort();
  /* A server that is silent may take longer to answer than there is time. */
  await Promise.race([Promise.all([beating.end, ...backgroundWork, ahead.idle()]), tooLate]);
  deps.health.phase = 'stopped';
  return { kind: isReplaced ? 'replaced' : 'drained' };
}

/** What becomes of a worker's queues. Ours expire, and those that are there for another agent too do not. */
function queuesOf(database: DatabaseKind, isEphemeral = false): DrainOptions['queues'] {
  if (database === 'own') return 'kept';
  return isEphemeral ? 'removed' : 'emptied';
}

/** A slot is free: while the broker is away nothing but a heartbeat says that more is scheduled. */
function askWithoutBroker(broker: Pick<Broker, 'trouble'>, { beatSoon }: Pick<Beating, 'beatSoon'>): void {
  if (broker.trouble() !== undefined) beatSoon();
}

interface RunningDependencies extends WorkerConnection, Omit<WorkerDependencies, 'connection'>, SessionDependencies {
  readonly environments: PackEnvironments;
  readonly leases: Leases;
  readonly killNow: AbortSignal;
}

/** Makes what runs executions and reports them, and what watches the places that both write to. */
function createRunning(
  deps: RunningDependencies,
  { execution: settings, spoolLimitBytes: limitBytes }: WorkerSettings,
): { readonly places: Places; readonly reporter: Reporter; readonly executor: Executor } {
  const { environments, leases } = deps;
  const { volume } = settings.joined;
  const places = createPlaces(deps);
  const onSpoolLost = (error: unknown) => void places.isLost({ place: 'spool', error, bytes: 0 });
  const reporter = createReporter({ ...deps, deliver: createDeliver(deps), limitBytes, onSpoolLost });
  const checkWrapper = createWrapperCheck();
  const run: RunExecution = (claimed, io) =>
    runClaimed(claimed, { settings, environments, places, leases, checkWrapper, ...io });
  return { places, reporter, executor: createExecutor({ ...deps, reporter, places, run, volume }) };
}

function retryPolicyOf(
  { clock, health }: Pick<WorkerDependencies, 'clock' | 'health'>,
  stop: AbortSignal,
): RetryPolicy {
  return {
    clock,
    stop,
    onProblem: (problem) => {
      health.databaseProblem = problem;
    },
  };
}

/** Registers the worker; undefined if it was told to stop before the name was free. */
async function register(
  { store, clock, hasEnded, logger }: WorkerConnection & Pick<WorkerDependencies, 'clock' | 'hasEnded' | 'logger'>,
  { registration, heartbeatMs, leaseMs, execution: { joined } }: WorkerSettings,
  retryPolicy: RetryPolicy,
): Promise<RegistrationOutcome | undefined> {
  const { name } = registration;
  const outcome = await registerWorker(registration, {
    ...{ store, clock, retryPolicy, heartbeatMs, leaseMs, hasEnded },
    onWaiting: ({ host, pid }, waitMs) => logger.warn('name held', { name, host, pid, waits_ms: waitMs }),
  });
  if (outcome?.kind === 'registered') logger.info('registered', { worker: outcome.worker, name });
  if (outcome?.kind === 'registered' && outcome.database === 'joined' && !joined.volume)
    logger.warn('logs stay in the database', { why: "artifacts_dir cannot be written to: Attune's API shows no logs" });
  return outcome;
}

interface SessionDependencies {
  readonly session: WorkerSession;
  readonly health: HealthBoard;
}

interface Workings {
  readonly executor: Executor;
  readonly reporter: Reporter;
  readonly intake: Intake;
}

/** What the worker does about the answers to its heartbeats. */
function createListener(
  { session, health }: SessionDependencies,
  { executor, reporter, intake }: Workings,
): HeartbeatListener {
  return {
    onBeat: ({ isCordoned }) => Object.assign(health, { isCordoned, databaseProblem: undefined }),
    onLost: ({ execution }) => executor.interrupt(execution, 'lost'),
    onCanceling: ({ execution }) => executor.interrupt(execution, 'cancelled'),
    onStray: ({ execution, attempt }) => {
      /* An answer that is only late is no lost one: whoever claims asks until there is an answer. */
      if (!intake.isHere(execution)) reporter.settle({ ...session, execution, attempt, verdict: strayVerdict });
    },
    onScheduled: intake.offerScheduled,
    onProblem: (problem) => Object.assign(health, { databaseProblem: problem }),
  };
}
