import { hostname } from 'node:os';
import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { configOption, portOption } from '#cli/options.ts';
import { type Call, defineVerb } from '#cli/verb.ts';
import { createAsideWork } from '#cli/wiring/aside.ts';
import { ciphersOf } from '#cli/wiring/ciphers-of.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { listen } from '#cli/wiring/control-plane.ts';
import { canReadPacks, installedPacksOf } from '#cli/wiring/data-directory.ts';
import { describeDatabaseFailure } from '#cli/wiring/database-failure.ts';
import { encryptAgainInTime } from '#cli/wiring/encrypt-again.ts';
import { type HealthReport, serveHealth } from '#cli/wiring/health-socket.ts';
import { isLoopback } from '#cli/wiring/is-loopback.ts';
import { leaveInTime, SERVER_LEAVES_WITHIN_MS } from '#cli/wiring/leave-in-time.ts';
import { openLogger } from '#cli/wiring/logger.ts';
import { openMetrics } from '#cli/wiring/metrics.ts';
import { openArtifacts } from '#cli/wiring/open-artifacts.ts';
import { openTracer } from '#cli/wiring/open-tracer.ts';
import { withChecksums } from '#cli/wiring/pack-saver.ts';
import { readConfig, requireServers, type ServerUrls } from '#cli/wiring/read-config.ts';
import { refuseJoined } from '#cli/wiring/refuse-joined.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import type { Config } from '#config/schema.ts';
import { whenAborted } from '#domain/abort.ts';
import type { AdminStore } from '#domain/admin-store.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import { createPackChecksums } from '#packs/archive.ts';
import { loadPacks } from '#packs/load-action.ts';
import { API_PATH } from '#wire/paths.ts';
import { health } from '#wire/server.ts';

/** Connections to the database: many requests are answered at once. */
const CONNECTIONS = 8;

export const verb = defineVerb({
  details:
    'It needs database.url and message_queue.url, runs until SIGTERM, and registers the packs of packs_base_dir when it starts. Several servers may run side by side.',
  arguments: {},
  options: { port: portOption('Port on which the API listens; 0 takes any free one'), config: configOption() },
  settings: [
    'database',
    'message_queue',
    'worker.heartbeat_interval',
    'scheduler',
    'retention',
    'webhooks',
    'oidc',
    'server',
    'agent',
    'security',
    'artifacts',
    'log',
    'tracing',
    'packs_base_dir',
    'installed_packs_dir',
    'data_dir',
    'work_dir',
  ],
  examples: [
    ['attune-agent server --port 8080', 'Serves the API on 127.0.0.1:8080, with the settings of the environment'],
  ],
  action: async (_, _options, call) => await serve(call),
});

async function serve({ env, sources }: Call): Promise<number> {
  const config = await readConfig(sources);
  if (!config) return EXIT.configuration;
  const servers = await requireServers(config);
  if (!servers) return EXIT.configuration;
  if (await refuseJoined(servers.databaseUrl, 'attune-agent is a worker of it, and is started without a verb'))
    return EXIT.configuration;
  using stop = stopOnSignals();
  const serving = serveOn(servers, { config, env, stop });
  return await leaveInTime(serving, stop, {
    withinMs: drainMsOf(config) + SERVER_LEAVES_WITHIN_MS,
    clock: systemClock,
  });
}

interface ServeContext {
  readonly config: Config;
  readonly env: ProcessEnv;
  readonly stop: Stop;
}

async function serveOn(servers: ServerUrls, { config, env, stop }: ServeContext): Promise<number> {
  const logger = openLogger(config);
  const hasCipher = config.security.encryption_key !== undefined;
  await using store = openPostgresStore(servers.databaseUrl, { connections: CONNECTIONS, ciphers: ciphersOf(config) });
  const packChecksum = createPackChecksums();
  const work = createAsideWork();
  const installed = installedPacksOf(config, env, work);
  if (!(await canReadPacks(config, env))) return EXIT.configuration;
  const edited = loadPacks(config.packs_base_dir);
  const packs = [...installed.load(), ...edited.packs]; /* of two with one name, the later one is registered */
  const flaw = await describeDatabaseFailure(async () => {
    await store.savePacks(await withChecksums(packs, packChecksum));
    await store.findAction('');
  }, servers.databaseUrl);
  if (flaw !== undefined) {
    await complain(flaw);
    return EXIT.failure;
  }
  if (!isLoopback(config.server.host) && !(await hasToken(store))) {
    await complain(
      `${config.server.host} can be reached by others, and there is no token: attune-agent token create makes the first one, or migrate prints it`,
    );
    return EXIT.configuration;
  }
  const reconnects = countReturns();
  await using broker = openAmqpBroker({
    url: servers.brokerUrl,
    clock: systemClock,
    service: 'server',
    onChange: reconnects.record,
  });
  const relay = createRelay({ store, broker, clock: systemClock });
  const metrics = openMetrics();
  await using tracer = await openTracer({ service: ['attune-server', hostname()], config, metrics });
  await using plane = await listen(
    {
      ...{ store, relay, logger, env, metrics, tracer },
      broker: { ...broker, reconnects: reconnects.count },
      leaving: stop.cancel,
      hasCipher,
      artifacts: openArtifacts(config),
      packs: { installed, checksum: packChecksum, work, refresh: async () => {}, problems: () => edited.problems },
    },
    config,
  );
  if (!plane) return EXIT.failure;
  logger.info('serving', { url: `${plane.url}${API_PATH}` });
  const encrypting = hasCipher && encryptAgainInTime({ store, logger, clock: systemClock }, stop.cancel);
  const { url } = plane;
  using socket = serveHealth({ env, workDir: config.work_dir, name: 'server' }, () => describeHealth(url));
  if (!socket.isServed()) logger.warn('no health socket', { why: 'no directory for it is writable' });
  await Promise.race([plane.life, whenAborted(stop.cancel)]);
  await systemClock.sleep(drainMsOf(config), stop.killNow);
  await encrypting;
  logger.info('stopped', {});
  return EXIT.success;
}

/** The milliseconds for which a server that leaves goes on answering, so that balancers notice first. */
function drainMsOf({ server }: Config): number {
  return server.drain_time * 1000;
}

/** Reports the health of this server, as its own /readyz answers. */
async function describeHealth(url: string): Promise<HealthReport> {
  const answer = await fetch(`${url}/readyz`);
  const { problems, words } = health.parse(await answer.json());
  const none = { worker: undefined, running: 0, slots: 0, cordoned: false };
  return { name: 'server', ready: answer.ok, phase: 'serving', problems, words, ...none };
}

/** Tells whether there is a token that is neither revoked nor expired. */
async function hasToken(store: AdminStore): Promise<boolean> {
  const tokens = await store.listTokens();
  return tokens.some(({ revokedAt, expiresAt }) => {
    const isExpired = expiresAt !== undefined && Date.parse(expiresAt) < Date.now();
    return revokedAt === undefined && !isExpired;
  });
}

/** Counts how often the broker was reached again after a problem. The first connection does not count. */
function countReturns(): { record(problem: string | undefined): void; count(): number } {
  let returns = -1;
  let isAway = true;
  return {
    record: (problem) => {
      if (problem === undefined && isAway) returns++;
      isAway = problem !== undefined;
    },
    count: () => Math.max(0, returns),
  };
}
