import { join } from 'node:path';
import { openRemoteArtifacts } from '#adapters/remote/artifacts.ts';
import { type ServerAddress, serverUrl } from '#adapters/remote/http.ts';
import { openRemotePacks } from '#adapters/remote/packs.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { ArtifactSink } from '#domain/artifact.ts';
import type { Broker } from '#domain/broker.ts';
import { families, findFamily } from '#domain/families.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { hasEnded } from '#execution/process/identity.ts';
import type { Detection } from '#execution/runtimes/detect.ts';
import { chooseRuntimes } from '#execution/runtimes/override.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { openArchiveDirectory } from '#packs/archive-directory.ts';
import { createPackCache, type PackCache } from '#packs/fetch-pack.ts';
import { createHealthBoard, type HealthBoard } from '#worker/health-board.ts';
import { openSpool } from '#worker/spool.ts';
import { runWorker, type WorkerEnd, type WorkerSettings } from '#worker/worker.ts';
import { buildRegistration } from './build-registration.ts';
import { systemClock } from './clock.ts';
import { detectVisibly } from './detect-visibly.ts';
import { faultsFrom } from './faults.ts';
import { type HealthReport, serveHealth } from './health-socket.ts';
import { openArtifacts } from './open-artifacts.ts';
import { environmentsOf } from './open-environments.ts';
import { sandboxOf } from './open-sandbox.ts';
import type { Stop } from './stop-on-signals.ts';

const GRACE_MS = 5000;
/** Heartbeats that may be missed. */
const BEATS_OF_A_LEASE = 3;

export function leaseMsOf({ worker }: Config): number {
  return worker.heartbeat_interval * 1000 * BEATS_OF_A_LEASE;
}

export interface PreparedWorker {
  readonly detection: Detection;
  readonly runtimes: readonly string[];
  readonly settings: WorkerSettings;
}

/** Detection, or the override, and everything the worker can know before it meets anybody. The error is for the user. */
async function prepareWorker(
  config: Config,
  env: ProcessEnv,
  stop: AbortSignal,
): Promise<Result<PreparedWorker, string>> {
  const { worker } = config;
  const detection = await detectFor(worker.runtimes, env, stop);
  const runtimes = chooseRuntimes(worker.runtimes?.join(','), detection.interpreters);
  if (!runtimes.ok) return failure(runtimes.error.message);
  const workPlace = findWorkPlace(env, config);
  if (!workPlace.ok) return workPlace;
  const sandbox = sandboxOf(config, workPlace.value);
  if (!sandbox.ok) return sandbox;
  const { registration, usable } = buildRegistration(config, detection, runtimes.value);
  const shutdownMs = worker.shutdown_timeout * 1000;
  const settings: WorkerSettings = {
    registration,
    heartbeatMs: worker.heartbeat_interval * 1000,
    leaseMs: leaseMsOf(config),
    shutdownMs,
    spoolLimitBytes: worker.spool_limit_bytes,
    environments: {
      prepares: config.environments.prepare,
      open: (ledger) => environmentsOf(config, { root: workPlace.value.environments, env }, ledger),
    },
    execution: {
      host: { env, workPlace: workPlace.value, sandbox: sandbox.value },
      interpreters: usable,
      packs: { directory: config.packs_base_dir, cache: packCacheOf(config, workPlace.value.cache) },
      limits: {
        timeoutMs: worker.task_timeout * 1000,
        graceMs: Math.min(GRACE_MS, Math.max(shutdownMs / 8, 100)),
        logLimitBytes: { stdout: worker.max_stdout_bytes, stderr: worker.max_stderr_bytes },
      },
      artifacts: {
        storage: openArtifacts(config) ?? remoteArtifacts(config),
        limits: { files: config.artifacts.max_files, bytes: config.artifacts.max_bytes },
      },
      secrets: secretValues(config),
      apiUrl: config.api_url,
    },
  };
  return success({ detection, runtimes: runtimes.value, settings });
}

/** Packs that are not in packs_base_dir: from a directory of archives, or from the server. */
function packCacheOf(config: Config, cache: string): PackCache | undefined {
  const server = serverOf(config);
  const source =
    config.pack_archives_dir === undefined
      ? server && openRemotePacks(server)
      : openArchiveDirectory(config.pack_archives_dir);
  return source && createPackCache(join(cache, 'packs'), source);
}

function remoteArtifacts(config: Config): ArtifactSink | undefined {
  const server = serverOf(config);
  return server && openRemoteArtifacts(server);
}

/** Undefined: the worker knows of none that it may ask. */
function serverOf({ api_url: url, api_token: token }: Config): ServerAddress | undefined {
  return url === undefined || token === undefined ? undefined : { url: serverUrl(url), token };
}

/** The same, or the exit code after it has been said why not. */
export async function prepareOrLeave(
  config: Config,
  env: ProcessEnv,
  stop: Pick<Stop, 'cancel' | 'exitCode'>,
): Promise<PreparedWorker | number> {
  const prepared = await prepareWorker(config, env, stop.cancel);
  if (stop.cancel.aborted) return stop.exitCode() ?? EXIT.success;
  if (prepared.ok) return prepared.value;
  await complain(prepared.error);
  return EXIT.configuration;
}

/** An override asks only the families that it names; when one of them is missing all are asked, for the message. */
async function detectFor(
  requested: readonly string[] | undefined,
  env: ProcessEnv,
  stop: AbortSignal,
): Promise<Detection> {
  if (requested === undefined) return await detectVisibly(env, { stop });
  const wanted = requested.map(findFamily);
  const detection = await detectVisibly(env, { stop, families: families.filter((one) => wanted.includes(one)) });
  const isComplete = chooseRuntimes(requested.join(','), detection.interpreters).ok;
  return isComplete ? detection : await detectVisibly(env, { stop });
}

interface WorkerEnvironment {
  readonly store: AgentStore;
  readonly broker: Broker;
  readonly relay: Relay;
  readonly logger: Logger;
  readonly config: Config;
  readonly env: ProcessEnv;
}

/** Runs the worker to its end, with its health on the socket. */
export async function startWorker(
  settings: WorkerSettings,
  { store, broker, relay, logger, config, env }: WorkerEnvironment,
  stop: Pick<Stop, 'cancel' | 'killNow'>,
): Promise<WorkerEnd> {
  const { registration } = settings;
  const abandoned = await settings.execution.host.workPlace.removeAbandoned();
  if (abandoned > 0) logger.info('private directories of killed agents removed', { count: abandoned });
  const board = createHealthBoard(logger);
  const describe = (): HealthReport => describeHealth(board, broker, registration);
  using socket = serveHealth({ env, workDir: config.work_dir, name: registration.name }, describe);
  if (!socket) logger.info('no health socket', { why: 'no directory for it is writable' });
  const spool =
    config.worker.spool_dir === undefined ? undefined : openSpool(config.worker.spool_dir, registration.instance);
  const deps = {
    store,
    broker,
    relay,
    logger,
    clock: systemClock,
    spool,
    health: board,
    hasEnded,
    reach: faultsFrom(env),
  };
  return await runWorker(deps, settings, stop);
}

/** The same, with a sentence for each end that is not meant, and an exit code. */
export async function workToTheEnd(settings: WorkerSettings, deps: WorkerEnvironment, stop: Stop): Promise<number> {
  const { logger, config } = deps;
  const end = await startWorker(settings, deps, stop);
  switch (end.kind) {
    case 'drained':
      logger.info('stopped', { killed: stop.killNow.aborted });
      return stop.killNow.aborted ? (stop.exitCode() ?? EXIT.terminated) : EXIT.success;
    case 'replaced':
      await complain(`another process has taken the name ${config.worker.name}: this one has ended what it ran`);
      return EXIT.failure;
    case 'name-taken':
      await complain(
        `a worker named ${config.worker.name} is alive on ${end.host} (pid ${end.pid}): give this one another name with --name or ATTUNE_WORKER_NAME`,
      );
      return EXIT.failure;
    case 'not-yours':
      await complain(
        `the name ${config.worker.name} belongs to ${end.owner.replace(':', ' ')}: give this worker another one with --name or ATTUNE_WORKER_NAME, or hand the name over with attune-agent workers assign`,
      );
      return EXIT.configuration;
  }
}

function describeHealth(
  board: HealthBoard,
  broker: Broker,
  { name, capabilities }: WorkerSettings['registration'],
): HealthReport {
  const problems = [board.databaseProblem, broker.problem()].flatMap((one) => one ?? []);
  return {
    name,
    ready: board.phase === 'working' && problems.length === 0,
    phase: board.phase,
    problems,
    worker: board.worker,
    running: board.running(),
    slots: capabilities.max_concurrent_executions,
    cordoned: board.isCordoned,
  };
}
