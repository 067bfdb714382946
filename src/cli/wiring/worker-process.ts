import type { Registry } from 'prom-client';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import type { Broker } from '#domain/broker.ts';
import type { Logger } from '#domain/logger.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { Tracer } from '#domain/tracing.ts';
import type { Trouble } from '#domain/trouble.ts';
import { hasEnded } from '#execution/process/identity.ts';
import { watchOwnLimits } from '#execution/process/own-limits.ts';
import { addExecutionMetrics } from '#metrics/execution-metrics.ts';
import { createHealthBoard, type HealthBoard } from '#worker/health-board.ts';
import { openSpool } from '#worker/spool.ts';
import { runWorker, type WorkerConnection, type WorkerEnd, type WorkerSettings } from '#worker/worker.ts';
import { systemClock } from './clock.ts';
import { collectGarbage, giveMemoryBack } from './collect-garbage.ts';
import { faultsFrom } from './faults.ts';
import { type HealthReport, serveHealth } from './health-socket.ts';
import { hideSecretsOf } from './hide-secrets.ts';
import { placesOf } from './places-of.ts';
import { restWhenIdle } from './rest-when-idle.ts';
import type { Stop } from './stop-on-signals.ts';

interface ProcessDependencies {
  readonly connection: WorkerConnection;
  readonly logger: Logger;
  /** The metrics of this process, to which the worker adds its own. */
  readonly metrics: Registry;
  readonly tracer: Tracer;
  readonly config: Config;
  readonly env: ProcessEnv;
  /** The directory of artifacts, where the settings name none. */
  readonly artifactsDirectory?: string;
  /** Where the worker writes how it is. Default: a board of its own. */
  readonly health?: HealthBoard;
  /** Said instead of the usual sentences when another process has the worker's name. */
  readonly nameTaken?: string;
}

/** The process around a worker's life: its health on a socket, its spool, and its end as a sentence and an exit code. */
export async function runWorkerProcess(
  settings: WorkerSettings,
  { logger, metrics, tracer, config, env, nameTaken, connection, ...deps }: ProcessDependencies,
  stop: Stop,
): Promise<number> {
  const { registration, execution } = settings;
  const abandoned = await execution.host.workPlace.removeAbandoned();
  if (abandoned > 0) logger.info('private directories of killed agents removed', { count: abandoned });
  using _spare = execution.host.workPlace.directories.keepSpare();
  const health = deps.health ?? createHealthBoard(logger);
  const hide = hideSecretsOf(config);
  const describe = (): HealthReport => {
    const report = describeHealth(health, connection.broker, registration);
    return { ...report, problems: report.problems.map(hide) };
  };
  using socket = serveHealth({ env, workDir: config.work_dir, name: registration.name }, describe);
  if (!socket.isServed()) logger.warn('no health socket', { why: 'no directory for it is writable' });
  const { spool_dir: directory } = config.worker;
  const spool = directory === undefined ? undefined : openSpool(directory, registration.instance, process.geteuid?.());
  using _watch = watchOwnLimits(({ of, what }) => {
    const why = `another process has changed the ${of} of this one (${what})`;
    if (of === 'scheduling') return logger.warn('executions may be slower', { why });
    logger.error('stopped', { why });
    process.exit(EXIT.failure);
  });
  const places = placesOf(config, execution.host.workPlace, deps.artifactsDirectory);
  const machine = {
    clock: systemClock,
    places,
    hasEnded,
    reach: faultsFrom(env),
    collectGarbage,
  };
  const counting = addExecutionMetrics(metrics);
  let taken = 0;
  const claimed = (): void => {
    taken++;
    counting.claimed();
  };
  const observer = { ...counting, claimed };
  const isIdle = (): boolean => health.phase === 'working' && health.running() === 0;
  void restWhenIdle({ clock: systemClock, isIdle, taken: () => taken, rest: giveMemoryBack }, stop.cancel);
  const end = await runWorker({ connection, ...machine, logger, observer, tracer, health, spool }, settings, stop);
  if (end.kind === 'drained') {
    logger.info('stopped', { killed: stop.killNow.aborted });
    return stop.killNow.aborted ? (stop.exitCode() ?? EXIT.terminated) : EXIT.success;
  }
  const isNotYours = end.kind === 'not-yours';
  await complain((isNotYours ? undefined : nameTaken) ?? describeEnd(end, registration.name));
  return isNotYours ? EXIT.configuration : EXIT.failure;
}

function describeHealth(
  board: HealthBoard,
  broker: Broker,
  { name, capabilities }: WorkerSettings['registration'],
): HealthReport {
  const troubles = troublesOf(board, broker);
  return {
    name,
    ready: board.phase === 'working' && troubles.length === 0,
    phase: board.phase,
    problems: troubles.map((one) => one.why),
    words: troubles.map((one) => one.word),
    worker: board.worker,
    running: board.running(),
    slots: capabilities.max_concurrent_executions,
    cordoned: board.isCordoned,
  };
}

/** Attune's own agent does not say which process it is. */
function processOf(pid: number): string {
  return pid > 0 ? ` (pid ${pid})` : '';
}

/** What keeps a worker from working on a message that is sent now. */
function troublesOf(board: HealthBoard, broker: Broker): readonly Trouble[] {
  const cordon: Trouble | undefined = board.isCordoned ? { word: 'cordoned', why: 'it is cordoned' } : undefined;
  return [board.databaseProblem ?? board.silence(), broker.trouble(), ...board.troubles(), cordon].flatMap(
    (one) => one ?? [],
  );
}

function describeEnd(end: Exclude<WorkerEnd, { kind: 'drained' }>, name: string): string {
  const another = '--name or ATTUNE_WORKER_NAME';
  switch (end.kind) {
    case 'replaced':
      return `another process has taken the name ${name}: this one has ended what it ran`;
    case 'name-taken':
      return `a worker named ${name} is alive on ${end.host}${processOf(end.pid)}: give this one another name with ${another}`;
    case 'not-yours':
      return `the name ${name} belongs to ${end.owner.replace(':', ' ')}: give this worker another one with ${another}, or hand the name over with attune-agent workers assign`;
  }
}
