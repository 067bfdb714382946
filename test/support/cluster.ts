/** A whole Attune for tests: real servers, the static file as control plane and as workers, each a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { agentFile, callAgent } from './agent.ts';
import { freePort } from './free-port.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { type RabbitOptions, type RabbitServer, startRabbit } from './rabbitmq.ts';
import { withToken } from './standalone.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

export interface AgentProcess extends AsyncDisposable {
  readonly pid: number;
  /** All it said on stderr so far. */
  said(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code, or 128 + n. */
  readonly ended: Promise<number>;
}

type Program = string | ((args: readonly string[]) => readonly string[]);

export interface Cluster extends AsyncDisposable {
  readonly database: PostgresServer;
  readonly broker: RabbitServer;
  readonly sql: postgres.Sql;
  readonly packs: TemporaryDirectory;
  /** Of the API. */
  readonly url: string;
  /** What every process of it gets. */
  readonly env: Readonly<Record<string, string>>;
  /** `program`: another file, or what makes the whole command of the arguments. */
  startWorker(name: string, env?: Readonly<Record<string, string>>, program?: Program): AgentProcess;
  /** Of the admin. */
  readonly token: string;
  /** A request below /api/v1, with the token. */
  api(path: string, init?: RequestInit): Promise<Response>;
  startServer(env?: Readonly<Record<string, string>>, program?: Program): AgentProcess;
  /** Waits until the API does. */
  answers(): Promise<void>;
  /** The id of the new execution. */
  submit(action: string, parameters?: object, more?: object): Promise<number>;
  execution(id: number): Promise<Execution>;
  /** Waits for a status. */
  reaches(id: number, ...statuses: readonly string[]): Promise<Execution>;
}

interface Execution {
  readonly id: number;
  readonly status: string;
  readonly result: { readonly [key: string]: unknown } | null;
  readonly attempt: number;
  readonly retry_count: number;
  readonly retry_reason: string | null;
  readonly worker: number | null;
}

interface ClusterOptions {
  /** Seconds between heartbeats. */
  readonly heartbeat?: number;
  readonly actions: Readonly<Record<string, { readonly yaml?: string; readonly script: string }>>;
  /** Where processes find the servers instead, by proxies of the test's own. */
  readonly through?: (url: string) => Promise<string>;
  readonly rabbit?: RabbitOptions;
}

export async function startCluster({
  heartbeat = 0.5,
  actions,
  through = async (url) => url,
  rabbit,
}: ClusterOptions): Promise<Cluster> {
  const [database, broker] = await Promise.all([startPostgres(), startRabbit(rabbit)]);
  const databaseUrl = await database.createDatabase();
  const packs = temporaryDirectory();
  packs.file('life/pack.yaml', 'ref: life\nversion: 1.0.0\n');
  for (const [name, { yaml = '', script }] of Object.entries(actions)) {
    packs.file(`life/actions/${name}.yaml`, `entry_point: ${name}.sh\n${yaml}`);
    packs.file(`life/actions/${name}.sh`, script);
  }
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: '/usr/bin:/bin',
    ATTUNE__DATABASE__URL: await through(databaseUrl),
    ATTUNE__MESSAGE_QUEUE__URL: await through(broker.url),
    ATTUNE__WORKER__HEARTBEAT_INTERVAL: String(heartbeat),
    ATTUNE__SCHEDULER__REDISPATCH_AFTER: '2',
    ATTUNE__SERVER__PORT: String(port),
    ATTUNE_WORKER_RUNTIMES: 'shell',
    ATTUNE_PACKS_DIR: packs.path,
    ATTUNE_INSTALLED_PACKS_DIR: join(packs.path, '.installed'),
  };
  const migrated = callAgent(['migrate'], { env: { ...env, ATTUNE__DATABASE__URL: databaseUrl } });
  if (migrated.exitCode !== 0) throw new Error(`migrate failed: ${migrated.stderr}`);
  const token = /token (att_\S+)/.exec(migrated.stdout)?.[1] ?? '';
  const sql = postgres(databaseUrl, {
    max: 2,
    onnotice: () => {},
    connection: { search_path: 'attune,public' },
    backoff: () => 0.1,
  });
  const processes = new Set<AgentProcess>();
  const start = (
    args: readonly string[],
    more: Readonly<Record<string, string>>,
    program: Program = agentFile,
  ): AgentProcess => {
    const command = typeof program === 'string' ? [program, ...args] : program(args);
    const started = startAgent(command, { ...env, ...more }, join(packs.path, `agent-${processes.size}.log`));
    processes.add(started);
    return started;
  };
  const api = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, withToken(token, init));
  const call = async (path: string, body?: object): Promise<Execution> => {
    const response = await api(path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
    const answer = (await response.json()) as Execution;
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const execution = (id: number): Promise<Execution> => call(`executions/${id}`);
  return {
    database,
    broker,
    sql,
    packs,
    url,
    env,
    token,
    api,
    execution,
    startWorker: (name, more = {}, program) => start(['--name', name], more, program),
    startServer: (more = {}, program) => start(['server'], more, program),
    answers: async () => {
      const isUp = (): Promise<boolean> =>
        fetch(`${url}/healthz`).then(
          (one) => one.ok,
          () => false,
        );
      await until('the API answers', isUp);
    },
    submit: async (action, parameters = {}, more = {}) =>
      (await call('executions', { action_ref: action.includes('.') ? action : `life.${action}`, parameters, ...more }))
        .id,
    reaches: async (id, ...statuses) => {
      let last: Execution | undefined;
      const isThere = async (): Promise<boolean> => {
        last = await execution(id);
        return statuses.includes(last.status);
      };
      await until(`execution ${id} is ${statuses.join(' or ')}`, isThere, 120_000).catch((error: unknown) => {
        throw new Error(`${error}; it is ${JSON.stringify(last)}`, { cause: error });
      });
      return last as Execution;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...processes].map((one) => one[Symbol.asyncDispose]()));
      await sql.end({ timeout: 1 });
      await broker[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      packs[Symbol.dispose]();
    },
  };
}

/** Starts the static file, with its stderr in a file. */
export function startAgent(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
): AgentProcess {
  const child = Bun.spawn([...command], {
    env: { ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: Bun.file(log),
  });
  const signal = (name: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
  };
  return {
    pid: child.pid,
    said: () => readFileSync(log, 'utf8'),
    signal,
    ended: child.exited,
    [Symbol.asyncDispose]: async () => {
      signal('SIGCONT');
      signal('SIGKILL');
      await child.exited;
    },
  };
}
