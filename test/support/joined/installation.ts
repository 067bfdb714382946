/**
 * An installation of Attune's Rust control plane for tests: real servers, its tables, a stand-in for its executor, and the
 * static file in the place of its agent, with nothing but its configuration file.
 */
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type AgentProcess, startAgent } from '#test/support/cluster.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { type RabbitServer, startRabbit } from '#test/support/rabbitmq.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { eventually, until } from '#test/support/until.ts';
import { type JoinedDatabase, openAttuneDatabase } from './database.ts';
import { type Executor, startExecutor } from './executor/executor.ts';
import { type Columns, insertAction } from './seed.ts';

type Env = Readonly<Record<string, string>>;

export interface Installation extends AsyncDisposable {
  readonly sql: JoinedDatabase['sql'];
  readonly broker: RabbitServer;
  readonly executor: Executor;
  /** Holds the directories packs, artifacts and runtime_envs, and the file config.yaml. */
  readonly place: TemporaryDirectory;
  readonly env: Env;
  /** Ready when it resolves. */
  startWorker(name: string, env?: Env): Promise<JoinedWorker>;
  /** Registers the shell action `demo.NAME`. */
  addAction(name: string, script: string, columns?: Columns): Promise<number>;
  row(execution: number): Promise<ExecutionRow>;
  /** Waits for a status. */
  reaches(execution: number, ...statuses: readonly string[]): Promise<ExecutionRow>;
}

const FINAL = ['completed', 'failed', 'timeout', 'cancelled', 'abandoned'];

/** Drained when disposed of. */
interface JoinedWorker extends AgentProcess {
  readonly id: number;
}

interface ExecutionRow {
  readonly status: string;
  readonly worker: string | null;
  readonly result: { readonly [key: string]: unknown } | null;
  readonly retry_count: number;
  readonly workflow_task: unknown;
}

/** The configuration file as such an installation has it; a test needs quicker heartbeats. */
function configuration(databaseUrl: string, brokerUrl: string, place: string): string {
  return [
    'service_name: attune',
    'environment: production',
    `packs_base_dir: ${place}/packs`,
    `runtime_envs_dir: ${place}/runtime_envs`,
    `artifacts_dir: ${place}/artifacts`,
    `database: { url: "${databaseUrl}", max_connections: 50, min_connections: 5, log_statements: false }`,
    `message_queue: { url: "${brokerUrl}", exchange: attune, enable_dlq: true, message_ttl: 3600 }`,
    'server: { host: 0.0.0.0, port: 8080, enable_cors: true }',
    'log: { level: info, format: pretty, console: true }',
    'security: { jwt_secret: 0123456789abcdef0123456789abcdef, encryption_key: an-encryption-key-of-32-characters!, enable_auth: true }',
    'worker: { name: null, max_concurrent_tasks: 10, heartbeat_interval: 0.5, task_timeout: 300, stream_logs: true }',
    'executor: { enable_timeout_monitor: true, scheduled_timeout: 300 }',
    '',
  ].join('\n');
}

export async function startInstallation(): Promise<Installation> {
  const [server, broker] = await Promise.all([startPostgres(), startRabbit()]);
  const database = await openAttuneDatabase(server);
  const { sql } = database;
  const place = temporaryDirectory();
  const file = place.file('config.yaml', configuration(database.url, broker.url, place.path));
  for (const name of ['packs/demo/pack.yaml', 'artifacts/.attune-api-sentinel', 'runtime_envs/.keep'])
    place.file(name, 'ref: demo\nname: demo\nversion: 1.0.0\n');
  place.file('work/.keep', '');
  /* A directory of its own, in which no agent of another test answers for its workers. */
  const env = { PATH: '/usr/bin:/bin', ATTUNE_CONFIG: file, ATTUNE_WORK_DIR: join(place.path, 'work') };
  const migrated = callAgent(['migrate'], { env });
  if (migrated.exitCode !== 0) throw new Error(`migrate failed: ${migrated.stderr}`);
  const executor = await startExecutor(sql, broker.url);
  const processes = new Set<AgentProcess>();
  const executionRow = async (id: number): Promise<ExecutionRow> => {
    const [found] = await sql<ExecutionRow[]>`
      SELECT status, worker, result, retry_count, workflow_task FROM execution WHERE id = ${id}`;
    if (!found) throw new Error(`there is no execution ${id}`);
    return found;
  };
  const startWorker: Installation['startWorker'] = async (name, more = {}) => {
    const log = join(place.path, `agent-${processes.size}.log`);
    const started = startAgent([agentFile, '--name', name], { ...env, ...more }, log);
    processes.add(started);
    /* Only a row of its own process counts: an agent of another test may answer by the same name. */
    const row = async () =>
      await sql<{ id: string }[]>`SELECT worker AS id FROM agent_worker WHERE pid = ${started.pid}`;
    const isReady = async (): Promise<boolean> =>
      (await row()).length > 0 && callAgent(['health', '--name', name], { env }).exitCode === 0;
    await until(`${name} is ready`, isReady).catch((error: unknown) => {
      throw new Error(`${error}: ${started.said()}`, { cause: error });
    });
    const [worker] = await row();
    const drain = async (): Promise<void> => {
      for (const signal of ['SIGCONT', 'SIGTERM'] as const) started.signal(signal);
      await started.ended;
    };
    return { ...started, id: Number(worker?.id), [Symbol.asyncDispose]: drain };
  };
  return {
    ...{ sql, broker, executor, place, env, startWorker, row: executionRow },
    addAction: async (name, script, columns = {}) => {
      place.file(`packs/demo/actions/${name}.sh`, script);
      return await insertAction(sql, `demo.${name}`, columns);
    },
    reaches: async (id, ...statuses) =>
      await eventually(
        `execution ${id} is ${statuses.join(' or ')}`,
        async () => await executionRow(id),
        (one) => {
          if (statuses.includes(one.status)) return true;
          if (FINAL.includes(one.status)) throw new Error(`execution ${id} ended: ${JSON.stringify(one)}`);
          return false;
        },
      ),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...processes].map((one) => one[Symbol.asyncDispose]()));
      await executor[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}
