/** One round for Attune's Rust control plane: workers join its database, and a stand-in for its executor schedules. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { createCounter } from '#test/chaos/counter.ts';
import { createDice } from '#test/chaos/dice.ts';
import { createFaults } from '#test/chaos/faults.ts';
import { tally, violations } from '#test/chaos/history.ts';
import { createLoad } from '#test/chaos/load.ts';
import { countUnfinished, prepareObservation, readMessages } from '#test/chaos/observation.ts';
import { actions, madePacks } from '#test/chaos/output.ts';
import { createProcesses, type Processes } from '#test/chaos/processes.ts';
import {
  failUntil,
  HEARTBEAT_S,
  killsOf,
  LEASE_MS,
  type RoundOptions,
  type RoundReport,
  whenDone,
} from '#test/chaos/round.ts';
import { waitWhileItMoves } from '#test/chaos/stuck.ts';
import { watchTruth } from '#test/chaos/truth.ts';
import { callAgent } from '#test/support/agent.ts';
import { type Cluster, startAgent } from '#test/support/cluster.ts';
import { openAttuneDatabase } from '#test/support/joined/database.ts';
import { insert, insertAction } from '#test/support/joined/seed.ts';
import { type PostgresServer, startPostgres } from '#test/support/postgres.ts';
import { type RabbitServer, startRabbit } from '#test/support/rabbitmq.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { declare, startExecutor } from './executor.ts';
import { observeJoined, unregisteredLogs } from './observation.ts';

const NAMES = ['j-one', 'j-two', 'j-three', 'j-four'];

export async function runJoinedRound(options: RoundOptions): Promise<RoundReport> {
  const { agent, seed, say } = options;
  const dice = createDice(seed);
  const counter = createCounter();
  await using resources = new AsyncDisposableStack();
  const round = await prepare(resources, agent);
  const { sql, servers, place, databaseProxy, brokerProxy } = round;
  const history = join(place.path, 'history');
  const executor = startExecutor({ sql, brokerUrl: servers.broker.url, keptArtifact: round.keptArtifact });
  resources.defer(executor.stop);
  const processes = createProcesses({
    ...{ startWorker: round.startWorker, names: NAMES, places: placesOf(place), dice, faults: counter, agent, say },
  });
  const load = createLoad({ api: executor.api, countUnfinished: () => countUnfinished({ sql }), dice, history });
  const faults = createFaults({
    ...{ cluster: servers, processes, dice, counter, databaseProxy, brokerProxy, leaseMs: LEASE_MS },
  });
  const kills = (): number => killsOf(counter, processes);
  await processes.start();
  await until('a worker is active', async () => (await sql`SELECT FROM worker WHERE status = 'active'`).length > 0);
  const started = performance.now();
  const isDone = whenDone(options, { since: started, load, kills });
  const { health } = placesOf(place);
  const truth = watchTruth({ sql }, { names: NAMES, health, attempts: 'agent_execution_attempt' });
  resources.defer(() => truth.stop());
  await Promise.all([load.requestUntil(isDone), failUntil(isDone, { faults, dice, load, kills, say })]);
  say(`quiet: everything may end now, after ${load.confirmed.length} executions and ${kills()} kills`);
  await processes.calm();
  const progress = async (): Promise<string> =>
    `${statSync(history).size} ${JSON.stringify(
      await sql`
      SELECT (SELECT max(n) FROM chaos_change) AS n, (SELECT count(*) FROM agent_outbox) AS messages`,
    )}`;
  const noEnd = await waitWhileItMoves({
    otherwise: 'not every execution has ended',
    isDone: async () => (await countUnfinished({ sql })) === 0,
    progress,
  });
  const notOut = await waitWhileItMoves({
    otherwise: 'not every message is out',
    isDone: async () => (await sql`SELECT FROM agent_outbox LIMIT 1`).length === 0,
    progress,
  });
  const stuck = [noEnd, notOut].filter((one) => one !== undefined);
  const dump = stuck.length > 0 ? await describe(round, processes) : undefined;
  const deafestS = truth.deafestS();
  await processes.drain();
  await executor.stop();
  const { artifacts } = placesOf(place);
  const messages = [...(await readMessages(servers.broker.url)), ...executor.ends];
  const observed = await observeJoined(sql, { history, artifacts, confirmed: load.confirmed, messages, deafestS });
  return {
    ...{ seed, seconds: Math.round((performance.now() - started) / 1000), faults: counter.all(), kills: kills() },
    ...{ cancels: load.cancels(), tally: tally(observed), dump },
    violations: [
      ...[...stuck, ...violations(observed), ...(await unregisteredLogs(sql, artifacts))],
      ...executor.rejected.map((one) => `its executor has refused: ${one}`),
    ],
  };
}

interface Prepared {
  readonly servers: { readonly database: PostgresServer; readonly broker: RabbitServer };
  readonly sql: postgres.Sql;
  readonly place: TemporaryDirectory;
  readonly databaseProxy: TcpProxy;
  readonly brokerProxy: TcpProxy;
  readonly keptArtifact: number;
  readonly startWorker: Cluster['startWorker'];
}

/** Servers, the database of that system with the actions of chaos, and the means to start workers behind proxies. */
async function prepare(resources: AsyncDisposableStack, agent: string): Promise<Prepared> {
  const [server, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  const [database, broker] = [resources.use(server), resources.use(rabbit)];
  const place = resources.use(temporaryDirectory());
  const { url, sql: first } = resources.use(await openAttuneDatabase(database));
  for (const path of Object.values(placesOf(place))) mkdirSync(path, { recursive: true });
  const keptArtifact = await addActions(first, place);
  const proxied = async (to: string): Promise<{ readonly url: string; readonly proxy: TcpProxy }> => {
    const target = new URL(to);
    const proxy = resources.use(await startProxy(Number(target.port)));
    target.port = String(proxy.port);
    return { url: target.href, proxy };
  };
  const [databaseWay, brokerWay] = [await proxied(url), await proxied(broker.url)];
  const env = {
    PATH: '/usr/bin:/bin',
    ATTUNE__DATABASE__URL: databaseWay.url,
    ATTUNE__MESSAGE_QUEUE__URL: brokerWay.url,
    ATTUNE__WORKER__HEARTBEAT_INTERVAL: String(HEARTBEAT_S),
    ATTUNE_WORKER_RUNTIMES: 'shell',
    ATTUNE_PACKS_DIR: join(place.path, 'packs'),
    ATTUNE__ARTIFACTS_DIR: placesOf(place).artifacts,
  };
  const migrated = callAgent(['migrate'], { env: { ...env, ATTUNE__DATABASE__URL: url } });
  if (migrated.exitCode !== 0) throw new Error(`migrate failed: ${migrated.stderr}`);
  const sql = postgres(url, {
    ...{ max: 4, onnotice: () => {}, connection: { search_path: 'attune,public' }, backoff: () => 0.1 },
  });
  resources.defer(async () => await sql.end({ timeout: 1 }));
  await prepareObservation({ sql, broker }, 'agent_');
  await declare(broker.url);
  let logs = 0;
  return {
    ...{ servers: { database, broker }, sql, place, keptArtifact },
    ...{ databaseProxy: databaseWay.proxy, brokerProxy: brokerWay.proxy },
    startWorker: (name, more = {}, program = agent) => {
      if (resources.disposed) throw new Error('the round is over');
      const args = ['--name', name];
      const command = typeof program === 'string' ? [program, ...args] : program(args);
      return resources.use(startAgent(command, { ...env, ...more }, join(place.path, `agent-${logs++}.log`)));
    },
  };
}

function placesOf({ path }: TemporaryDirectory) {
  const below = (name: string): string => join(path, name);
  return { artifacts: below('artifacts'), environments: below('environments'), health: below('health') };
}

/** Registers the actions of chaos, and returns the artifact of which life.keeps writes versions. */
async function addActions(sql: postgres.Sql, place: TemporaryDirectory): Promise<number> {
  const packs = ['life', ...Object.keys(madePacks)];
  for (const ref of packs) await insert(sql, 'pack', { ref, label: ref, version: '1.0.0' });
  for (const [name, { yaml, script }] of Object.entries(actions)) {
    const output_format = yaml.includes('json') ? 'json' : 'text';
    await insertAction(sql, `life.${name}`, { output_format });
    /* All share the directory of artifacts. */
    place.file(`packs/life/actions/${name}.sh`, script.replace('_DIR/kept"', '_DIR/kept/$ATTUNE_EXEC_ID.txt"'));
  }
  mkdirSync(join(placesOf(place).artifacts, 'kept'));
  for (const [pack, files] of Object.entries(madePacks)) {
    for (const [path, text] of Object.entries(files)) place.file(`packs/${pack}/${path}`, text);
    const { execution_config } = JSON.parse(files['runtimes/shell.yaml'] ?? '{}');
    const interpreter = { binary: '/bin/bash', args: [], file_extension: '.sh' };
    await insert(sql, 'runtime', {
      ...{ ref: `${pack}.shell`, name: `Shell of ${pack}`, aliases: ['shell', 'bash', 'sh'], distributions: {} },
      execution_config: { interpreter, ...execution_config },
    });
    await insertAction(sql, `${pack}.made`, { runtimeRef: `${pack}.shell` });
  }
  return await insert(sql, 'artifact', {
    ...{ ref: 'life.keeps.kept', scope: 'action', owner: 'life.keeps', type: 'file_text' },
    ...{ retention_policy: 'days', retention_limit: 7 },
  });
}

/** Everything about executions that do not end, for whoever looks into it. */
async function describe({ sql, servers }: Prepared, processes: Processes): Promise<string> {
  const known = {
    executions: await sql`SELECT * FROM execution WHERE status IN ${sql.unsafe(ACTIVE)} ORDER BY id LIMIT 20`,
    workers: await sql`SELECT w.*, a.* FROM worker w LEFT JOIN agent_worker a ON a.worker = w.id`,
    claims: await sql`SELECT *, lease_expires_at - now() AS left FROM agent_execution_claim`,
    outbox: await sql`SELECT message_id, routing_key, created, taken_until FROM agent_outbox LIMIT 20`,
  };
  const queues = (await servers.broker.power?.listQueues().catch(String)) ?? 'not ours to ask';
  const said = processes
    .all()
    .map((one) => `${one.name}, pid ${one.pid}:\n  ${one.said().split('\n').slice(-25).join('\n  ')}`);
  return [JSON.stringify(known, null, 1), queues, ...said].join('\n');
}
