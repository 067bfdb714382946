import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openRemoteArtifacts } from '#adapters/remote/artifacts.ts';
import { type ServerAddress, serverUrl } from '#adapters/remote/http.ts';
import { openRemotePacks } from '#adapters/remote/packs.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import type { Call } from '#cli/verb.ts';
import type { Config } from '#config/schema.ts';
import { secretValues } from '#config/secret-values.ts';
import type { ArtifactSink } from '#domain/artifact.ts';
import { families, findFamily } from '#domain/families.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { createMasker } from '#execution/masking/masker.ts';
import { GRACE_MS } from '#execution/process/end-group.ts';
import type { Detection } from '#execution/runtimes/detect.ts';
import { chooseRuntimes } from '#execution/runtimes/override.ts';
import { findWorkPlace } from '#execution/script/work-place.ts';
import { openArchiveDirectory } from '#packs/archive-directory.ts';
import { createPackCache, type PackCache } from '#packs/fetch-pack.ts';
import type { PackWork } from '#packs/pack-work.ts';
import type { WorkerSettings } from '#worker/worker.ts';
import { createAsideWork } from './aside.ts';
import { buildRegistration } from './build-registration.ts';
import { systemClock } from './clock.ts';
import { detectVisibly } from './detect-visibly.ts';
import { joinedSettingsOf } from './joined-settings.ts';
import { leaseMsOf } from './lease.ts';
import { deadlinesOf } from './leave-in-time.ts';
import { openLogger } from './logger.ts';
import { openArtifacts } from './open-artifacts.ts';
import { environmentsOf } from './open-environments.ts';
import { refusesExposed, sandboxOf, secretFilesOf } from './open-sandbox.ts';
import type { Stop } from './stop-on-signals.ts';

export interface PreparedWorker {
  readonly detection: Detection;
  readonly runtimes: readonly string[];
  readonly settings: WorkerSettings;
}

/**
 * Prepares a worker from this machine and the configuration alone, before any connection. The result is an exit code if
 * the worker cannot work, and the reason has been printed.
 */
export async function prepareWorker(
  config: Config,
  call: Call,
  stop: Pick<Stop, 'cancel' | 'exitCode'>,
): Promise<PreparedWorker | number> {
  const prepared = await detectAndDescribe(config, call, stop.cancel);
  if (stop.cancel.aborted) return stop.exitCode() ?? EXIT.success;
  if (prepared.ok) return prepared.value;
  await complain(prepared.error);
  return EXIT.configuration;
}

/** Detects runtimes and describes this machine; the error is a sentence for the user. */
async function detectAndDescribe(
  config: Config,
  { env, sources }: Call,
  stop: AbortSignal,
): Promise<Result<PreparedWorker, string>> {
  const { worker } = config;
  const detection = await detectFor(worker.runtimes, env, stop);
  const runtimes = chooseRuntimes(worker.runtimes?.join(','), detection.interpreters);
  if (!runtimes.ok) return failure(runtimes.error.message);
  const logger = openLogger(config);
  const stays = (path: string, why: string): void => logger.warn('private directory stays', { path, why });
  const workPlace = findWorkPlace(env, { ...config, stays });
  if (!workPlace.ok) return workPlace;
  const secret = secretFilesOf(config, sources);
  const [exposed] = secret.exposed;
  if (exposed !== undefined && refusesExposed(worker)) return failure(exposed);
  await complain(...secret.exposed);
  const sandbox = sandboxOf(config, workPlace.value, secret);
  if (!sandbox.ok) return sandbox;
  const { registration, usable } = buildRegistration(config, detection, runtimes.value);
  const work = createAsideWork();
  const shutdownMs = worker.shutdown_timeout * 1000;
  const settings: WorkerSettings = {
    registration,
    heartbeatMs: worker.heartbeat_interval * 1000,
    leaseMs: leaseMsOf(config),
    shutdownMs: deadlinesOf(config).drainMs,
    spoolLimitBytes: worker.spool_limit_bytes,
    environments: {
      prepares: config.environments.prepare,
      open: (ledger) =>
        environmentsOf(config, { root: workPlace.value.environments, env, sandbox: sandbox.value }, ledger),
    },
    execution: {
      host: { env, workPlace: workPlace.value, sandbox: sandbox.value, work },
      interpreters: usable,
      packs: {
        directories: [
          packsDirectoryOf(config),
          ...(config.installed_packs_dir === undefined ? [] : [config.installed_packs_dir]),
        ],
        load: work.loadPacks,
        cache: packCacheOf(config, workPlace.value.cache, work),
        takesInline: worker.inline,
      },
      limits: {
        timeoutMs: worker.task_timeout * 1000,
        graceMs: Math.min(GRACE_MS, Math.max(shutdownMs / 8, 100)),
        logLimitBytes: { stdout: worker.max_stdout_bytes, stderr: worker.max_stderr_bytes },
      },
      artifacts: {
        storage: openArtifacts(config) ?? remoteArtifacts(config, registration.instance),
        limits: { files: config.artifacts.max_files, bytes: config.artifacts.max_bytes },
      },
      masker: createMasker(secretValues(config)),
      apiUrl: config.api_url,
      joined: joinedSettingsOf(config),
    },
  };
  return success({ detection, runtimes: runtimes.value, settings });
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

/** Where Attune's Rust control plane keeps packs unless its configuration names another place. */
const JOINED_PACKS = '/opt/attune/packs';

function packsDirectoryOf({ packs_base_dir: directory }: Config): string {
  return directory === 'packs' && !existsSync(directory) && existsSync(JOINED_PACKS) ? JOINED_PACKS : directory;
}

/** Packs that are not in packs_base_dir: from a directory of archives, or from the server. */
function packCacheOf(config: Config, cache: string, work: PackWork): PackCache | undefined {
  const server = serverOf(config);
  const source =
    config.pack_archives_dir === undefined
      ? server && openRemotePacks(server, systemClock)
      : openArchiveDirectory(config.pack_archives_dir);
  return source && createPackCache(join(cache, 'packs'), source, work.loadPackAt);
}

function remoteArtifacts(config: Config, instance: string): ArtifactSink | undefined {
  const server = serverOf(config);
  return server && openRemoteArtifacts(server, instance, systemClock);
}

/** The server that the worker may ask; undefined if it knows of none. */
function serverOf({ api_url: url, api_token: token }: Config): ServerAddress | undefined {
  return url === undefined || token === undefined ? undefined : { url: serverUrl(url), token };
}
