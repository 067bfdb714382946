import type { Registry } from 'prom-client';
import { openIdentityProvider } from '#adapters/oidc/provider.ts';
import { createWebhookSender } from '#adapters/webhooks/sender.ts';
import { complain } from '#cli/complain.ts';
import { VERSION } from '#cli/version.ts';
import type { Config } from '#config/schema.ts';
import { type AgentFiles, openAgentFiles } from '#control-plane/api/agent-files.ts';
import { serveApi } from '#control-plane/api/api.ts';
import type { ApiDependencies, CountedBroker } from '#control-plane/api/dependencies.ts';
import { prepareScheduled } from '#control-plane/api/prepare-scheduled.ts';
import { createUnfinishedQuota } from '#control-plane/api/unfinished-quota.ts';
import { createNotifier } from '#control-plane/scheduler/notifier.ts';
import { type RetentionSettings, runRetention } from '#control-plane/scheduler/retention.ts';
import {
  runScheduler,
  type SchedulerDependencies,
  type SchedulerSettings,
} from '#control-plane/scheduler/scheduler.ts';
import { runTimetable } from '#control-plane/scheduler/timetable.ts';
import { wakingRelay } from '#control-plane/scheduler/waking-relay.ts';
import { runWebhooks } from '#control-plane/scheduler/webhooks.ts';
import type { ArtifactStorage } from '#domain/artifact.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { DetailedLogger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { DueSchedule } from '#domain/schedule.ts';
import { createSilence } from '#domain/silence.ts';
import { IS_STATIC_FILE } from '#domain/static-file.ts';
import type { Store } from '#domain/store.ts';
import type { Tracer } from '#domain/tracing.ts';
import type { WebhookSender } from '#domain/webhook.ts';
import { addRetentionMetrics } from '#metrics/retention-metrics.ts';
import { addSchedulingMetrics } from '#metrics/scheduling-metrics.ts';
import { cacheDirectory } from './cache-directory.ts';
import { systemClock } from './clock.ts';
import { keepParametersHidden } from './hide-parameters.ts';
import { hideSecretsOf } from './hide-secrets.ts';
import { isLoopback } from './is-loopback.ts';
import { leaseMsOf } from './lease.ts';
import { openConnections } from './open-connections.ts';

interface ControlPlaneDependencies {
  readonly store: Store;
  readonly broker: CountedBroker;
  readonly relay: Relay;
  readonly logger: DetailedLogger;
  readonly env: ProcessEnv;
  readonly hasCipher: boolean;
  readonly leaving: AbortSignal;
  readonly artifacts: ArtifactStorage | undefined;
  readonly packs: ApiDependencies['packs'];
  /** The metrics of this process. */
  readonly metrics: Registry;
  readonly tracer: Tracer;
  /** What else is wrong with this process. Default: nothing. */
  readonly troubles?: ApiDependencies['troubles'];
}

export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  /** Rejects when the scheduler has failed, which is a defect. */
  readonly life: Promise<void>;
}

/** A pass of the scheduler without an answer for longer is worth a word, in milliseconds. */
const LATE_MS = 3000;

/** Starts API, scheduler and monitor; undefined if the address cannot be had, and the reason has been printed. */
export async function listen(deps: ControlPlaneDependencies, config: Config): Promise<ControlPlane | undefined> {
  try {
    return startControlPlane(deps, config);
  } catch (error) {
    const { host, port } = config.server;
    const why = codeOf(error) === 'EADDRINUSE' ? 'somebody else listens there' : messageOf(error);
    await complain(`cannot listen on ${host}:${port}: ${why}; choose another --port (0: any free one)`);
    return undefined;
  }
}

function startControlPlane(deps: ControlPlaneDependencies, config: Config): ControlPlane {
  const { store, broker, logger, leaving, metrics, tracer } = deps;
  const notifier = createNotifier(systemClock);
  const relay = wakingRelay(deps.relay, notifier);
  const leaseMs = leaseMsOf(config);
  const { public_url: publicUrl, host } = config.server;
  let ownUrl: string | undefined;
  const silence = createSilence(systemClock, { who: 'database', lateMs: LATE_MS });
  const apiSettings = apiSettingsOf(config, {
    leaseMs,
    hasCipher: deps.hasCipher,
    publicUrl: () => publicUrl ?? ownUrl,
  });
  const webhooks = createWebhookSender({
    allowNetworks: config.webhooks.allow_networks,
    userAgent: `attune-agent/${VERSION}`,
    clock: systemClock,
  });
  const api = serveApi(
    {
      ...{ store, broker, relay, logger, leaving, clock: systemClock, ownMetrics: metrics, tracer },
      packs: deps.packs,
      webhooks,
      login: loginOf(config),
      hideSecrets: hideSecretsOf(config),
      connections: openConnections(),
      troubles: () => [...(deps.troubles?.() ?? []), ...[silence.trouble()].flatMap((one) => one ?? [])],
      files: { agent: agentFilesOf(deps.env, config), artifacts: deps.artifacts },
      settings: apiSettings,
    },
    config.server,
  );
  if (isLoopback(host)) ownUrl = `${api.url}${config.server.base_path}`;
  const stopping = new AbortController();
  const scheduling = {
    store,
    broker,
    relay,
    notifier,
    logger,
    silence,
    clock: systemClock,
    observer: addSchedulingMetrics(metrics),
  };
  const life = runLoops({ ...deps, scheduling, apiSettings, webhooks }, config, stopping.signal);
  life.catch(() => {}); /* heard by whoever awaits it */
  const hiding = keepParametersHidden({ store, logger, clock: systemClock }, stopping.signal);
  return {
    url: api.url,
    life,
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      stopping.abort();
      await life.catch(() => {});
      await hiding;
    },
  };
}

interface LoopDependencies extends Pick<ControlPlaneDependencies, 'store' | 'packs' | 'artifacts' | 'metrics'> {
  readonly scheduling: SchedulerDependencies;
  readonly apiSettings: Settings;
  readonly webhooks: WebhookSender;
}

/** Everything that a server does by the clock. */
async function runLoops(
  { store, packs, artifacts, metrics, scheduling, apiSettings, webhooks }: LoopDependencies,
  config: Config,
  stop: AbortSignal,
): Promise<void> {
  const quota = createUnfinishedQuota({ store, clock: scheduling.clock }, apiSettings.mostUnfinished);
  const prepare = (schedule: DueSchedule) => prepareScheduled({ store, packs, settings: apiSettings, quota }, schedule);
  const removed = addRetentionMetrics(metrics);
  await Promise.all([
    runScheduler(scheduling, schedulerSettingsOf(config), stop),
    runTimetable({ ...scheduling, store, prepare }, stop),
    runWebhooks({ ...scheduling, store, sender: webhooks, ...boundsOfWebhooks(config) }, stop),
    runRetention({ ...scheduling, store, artifacts, removed }, retentionSettingsOf(config), stop),
  ]);
}

function boundsOfWebhooks({ webhooks: { give_up_after: seconds, most_waiting: mostWaiting } }: Config) {
  return { giveUpMs: seconds * 1000, mostWaiting };
}

function retentionSettingsOf({ retention }: Config): RetentionSettings {
  return {
    everyMs: retention.interval * 1000,
    limits: {
      executions: { days: retention.execution_days, count: retention.execution_count },
      results: { days: retention.result_days, count: retention.result_count },
      artifacts: { days: retention.artifact_days, count: retention.artifact_count },
      audit: { days: retention.audit_days, count: retention.audit_count },
      tokens: { days: retention.token_days, count: retention.token_count },
      'dead-letters': { days: retention.dead_letter_days, count: retention.dead_letter_count },
    },
  };
}

function schedulerSettingsOf(config: Config): SchedulerSettings {
  return {
    leaseMs: leaseMsOf(config),
    redispatchMs: config.scheduler.redispatch_after * 1000,
    schedulingDeadlineMs: config.scheduler.schedule_timeout * 1000,
    logRetentionDays: config.scheduler.log_retention_days,
    publishesEvents: config.message_queue.events,
    forgetWorkersMs: config.scheduler.forget_workers_after * 1000,
  };
}

function loginOf({ oidc }: Config): ApiDependencies['login'] {
  const { issuer, client_id: clientId, client_secret: clientSecret, request_scopes: requestScopes, claim } = oidc;
  if (issuer === undefined || clientId === undefined) return undefined;
  const provider = openIdentityProvider({ issuer, clientId, clientSecret, requestScopes, claim });
  return { provider, claim, grants: oidc.grants, sessionMs: oidc.session * 1000 };
}

type Settings = ApiDependencies['settings'];

function apiSettingsOf(
  { scheduler, agent, artifacts, server, webhooks }: Config,
  known: Pick<Settings, 'leaseMs' | 'hasCipher' | 'publicUrl'>,
): Settings {
  return {
    ...known,
    version: VERSION,
    scheduleTimeoutSeconds: scheduler.schedule_timeout,
    bootstrapToken: agent.bootstrap_token,
    maxArtifactBytes: artifacts.max_bytes,
    requestsPerSecond: server.requests_per_second,
    mostUnfinished: server.most_unfinished,
    trustedProxies: server.trusted_proxies,
    basePath: server.base_path,
    corsOrigins: server.cors_origins,
    callbacks: webhooks.callbacks,
  };
}

function agentFilesOf(env: ProcessEnv, { agent }: Config): AgentFiles {
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return openAgentFiles({
    directory: agent.binary_dir,
    self: IS_STATIC_FILE ? { path: process.execPath, architecture } : undefined,
    cacheDirectory: cacheDirectory(env),
  });
}
