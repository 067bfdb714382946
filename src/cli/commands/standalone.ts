import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { logInHere } from '#cli/api-client/log-in-here.ts';
import { complain } from '#cli/complain.ts';
import { EXIT } from '#cli/exit-codes.ts';
import { strangerAt } from '#cli/foreign-file.ts';
import { write } from '#cli/terminal.ts';
import type { Call } from '#cli/verb.ts';
import { createAsideWork } from '#cli/wiring/aside.ts';
import { createSteadyNow, systemClock } from '#cli/wiring/clock.ts';
import { listen } from '#cli/wiring/control-plane.ts';
import { canReadPacks, defaultDataDirectory, installedPacksOf } from '#cli/wiring/data-directory.ts';
import { exampleCall } from '#cli/wiring/example-call.ts';
import { ownToken } from '#cli/wiring/first-token.ts';
import { greeting } from '#cli/wiring/greeting.ts';
import { deadlinesOf, leaveInTime } from '#cli/wiring/leave-in-time.ts';
import { openLogger } from '#cli/wiring/logger.ts';
import { openMetrics } from '#cli/wiring/metrics.ts';
import { openArtifacts } from '#cli/wiring/open-artifacts.ts';
import { openTracer } from '#cli/wiring/open-tracer.ts';
import { createPackSaver } from '#cli/wiring/pack-saver.ts';
import { type PreparedWorker, prepareWorker } from '#cli/wiring/prepare-worker.ts';
import { type Stop, stopOnSignals } from '#cli/wiring/stop-on-signals.ts';
import { runWorkerProcess } from '#cli/wiring/worker-process.ts';
import type { Config } from '#config/schema.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { codeOf, fileProblemOf } from '#domain/errors.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { Store } from '#domain/store.ts';
import { runtimeTemplates } from '#execution/environments/execution-config.ts';
import { describeExposure } from '#execution/sandbox/exposed-paths.ts';
import { executionUsers } from '#execution/sandbox/users.ts';
import { createPackChecksums } from '#packs/archive.ts';
import { createPackCache } from '#packs/fetch-pack.ts';
import { packWorkHere } from '#packs/pack-work.ts';
import { createHealthBoard } from '#worker/health-board.ts';

/** Runs all of Attune in this process: SQLite, a broker in memory, API, scheduler and worker. */
export async function standalone(config: Config, call: Call): Promise<number> {
  /* First of all: the packs that are sent here lie in it unless told otherwise. */
  if (!(await makeDirectory(resolve(config.data_dir ?? defaultDataDirectory(call.env))))) return EXIT.failure;
  if (!(await canReadPacks(config, call.env))) return EXIT.configuration;
  using stop = stopOnSignals();
  return await leaveInTime(runAll(config, call, stop), stop, {
    withinMs: deadlinesOf(config).leaveMs,
    clock: systemClock,
  });
}

async function runAll(config: Config, call: Call, stop: Stop): Promise<number> {
  const { env } = call;
  const logger = openLogger(config);
  const prepared = await prepareWorker(config, call, stop);
  if (typeof prepared === 'number') return prepared;
  const data = resolve(config.data_dir ?? defaultDataDirectory(env));
  await using resources = new AsyncDisposableStack();
  const store = await openStore(data, config);
  if (!store) return EXIT.failure;
  resources.use(store);
  const broker = resources.use(createLocalBroker(systemClock));
  const relay = createRelay({ store, broker, clock: systemClock });
  const packChecksum = createPackChecksums();
  const work = createAsideWork();
  const installed = installedPacksOf(config, env, work);
  const savePacks = createPackSaver({ store, relay, logger, packChecksum }, config.packs_base_dir);
  for (const one of installed.load())
    await store.savePack({ ...one, checksum: await packChecksum(one.pack.directory, one.stamp) });
  await store.saveRuntimes(runtimeTemplates());
  await savePacks.save(packWorkHere);
  const artifactsDirectory = closedToOthers(join(data, 'artifacts'));
  const artifacts = openArtifacts(config, artifactsDirectory);
  const metrics = openMetrics();
  const tracer = resources.use(await openTracer({ service: ['attune', config.worker.name], config, metrics }));
  const health = createHealthBoard(logger);
  const deps = {
    ...{ store, relay, logger, metrics, tracer, env, artifacts },
    broker: { ...broker, reconnects: () => 0 },
    ...{ hasCipher: true, leaving: stop.cancel },
    packs: { ...savePacks.served(work), installed, checksum: packChecksum, work },
    troubles: () => health.troubles(),
  };
  const plane = await listen(deps, config);
  if (!plane) return EXIT.failure;
  resources.use(plane);
  const { url } = plane;
  const packs = resolve(config.packs_base_dir);
  await greet(prepared, store, { url, data, packs, env });
  const { execution } = prepared.settings;
  const cache = createPackCache(join(execution.host.workPlace.cache, 'packs'), installed.source, work.loadPackAt);
  const settings = {
    ...prepared.settings,
    execution: {
      ...execution,
      apiUrl: config.api_url ?? url,
      packs: { ...execution.packs, cache },
      artifacts: { ...execution.artifacts, storage: artifacts },
    },
  };
  const nameTaken = `another process works in ${data} as ${config.worker.name}: end it, or choose another --data and --port`;
  const connection = { store, broker, relay, upstream: 'database' } as const;
  const process = { connection, logger, metrics, tracer, config, env, nameTaken, health, artifactsDirectory };
  const working = runWorkerProcess(settings, process, stop);
  return await Promise.race([working, plane.life.then(() => working)]);
}

interface Started {
  readonly url: string;
  readonly data: string;
  readonly packs: string;
  readonly env: ProcessEnv;
}

async function greet(prepared: PreparedWorker, store: Store, { env, ...started }: Started): Promise<void> {
  const token = await ownToken(store, join(started.data, 'admin-token'));
  const login = logInHere(env, { api_url: started.url, api_token: token.secret });
  const example = exampleCall(await store.listActions(), prepared.runtimes);
  await write(process.stdout, greeting(prepared, { ...started, token, login, example }));
}

/** Reads the encryption key of the data directory, which the first start makes, readable by its owner only. */
function ownSecret(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/** Makes a directory of this user alone, whoever may enter those above it. What stands against it is said when it is used. */
function closedToOthers(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o700);
  } catch {
    /* The place of artifacts is watched as long as the worker lives. */
  }
  return directory;
}

/** What of the agent's files somebody else has put there: he would know the key, or be given the token. */
function foreignIn(data: string): string | undefined {
  const files = ['encryption-key', 'admin-token', ...['', '-wal', '-shm', '-journal'].map((end) => `attune.db${end}`)];
  for (const file of files) {
    const stranger = strangerAt(join(data, file));
    if (stranger !== undefined) return `${file} is not used: ${stranger}; chown or chmod it if you know what it is`;
  }
  return undefined;
}

async function openStore(data: string, { security, worker }: Config): Promise<Store | undefined> {
  try {
    const exposed = describeExposure(data, executionUsers(worker));
    if (exposed !== undefined) throw new Error(exposed);
    const foreign = foreignIn(data);
    if (foreign !== undefined) throw new Error(foreign);
    const secret = security.encryption_key ?? ownSecret(join(data, 'encryption-key'));
    const store = openSqliteStore(join(data, 'attune.db'), createSteadyNow(systemClock), createCiphers(secret));
    await store.encryptAgain();
    return store;
  } catch (error) {
    await complainOf(data, error);
    return undefined;
  }
}

/** Makes the directory of data where it is absent; false if that cannot be, and the reason has been printed. */
async function makeDirectory(data: string): Promise<boolean> {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return true;
  } catch (error) {
    await complainOf(data, error);
    return false;
  }
}

async function complainOf(data: string, error: unknown): Promise<void> {
  await complain(`${data} cannot hold the data: ${fileProblemOf(error)}; choose another directory with --data`);
}
