/** One round: executions are requested while everything fails in turn; then the history is checked. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { until } from '#test/support/until.ts';
import { createDice, type Dice } from './dice.ts';
import { type Observed, type Tally, tally, violations } from './history.ts';

export interface RoundOptions {
  /** The build for tests, which can kill itself. */
  readonly agent: string;
  readonly seed: number;
  /** Goes on at least so long. */
  readonly seconds: number;
  /** And until there were so many of each. */
  readonly executions: number;
  readonly kills: number;
  readonly say: (line: string) => void;
}

export interface RoundReport {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly tally: Tally;
  readonly violations: readonly string[];
}

const HEARTBEAT_S = 0.3;
const LEASE_MS = HEARTBEAT_S * 3000;
const WORKERS = ['c-one', 'c-two', 'c-three'];
const POINTS = ['delivered', 'claimed', 'acknowledged', 'started', 'ended', 'settled'];
const MOST_OUTSTANDING = 150;
const COMPLETED_QUEUE = 'chaos.completed';

/* The script appends what it does to a file before anybody else can know of it. */
const script = `
echo "$ATTUNE_EXEC_ID $ATTUNE_ATTEMPT start" >>"$HISTORY"
sleep "$NAP"
echo "$ATTUNE_EXEC_ID $ATTUNE_ATTEMPT end" >>"$HISTORY"
echo "{\\"execution\\":$ATTUNE_EXEC_ID,\\"attempt\\":$ATTUNE_ATTEMPT}"
`;

export async function runRound(options: RoundOptions): Promise<RoundReport> {
  const { seed, say } = options;
  const dice = createDice(seed);
  const started = performance.now();
  await using resources = new AsyncDisposableStack();
  const proxies: TcpProxy[] = [];
  const through = async (url: string): Promise<string> => {
    const target = new URL(url);
    const proxy = resources.use(await startProxy(Number(target.port)));
    proxies.push(proxy);
    target.port = String(proxy.port);
    return target.href;
  };
  const cluster = resources.use(
    await startCluster({
      heartbeat: HEARTBEAT_S,
      through,
      actions: {
        once: { yaml: 'output_format: json\n', script },
        often: { yaml: 'output_format: json\nmax_retries: 1000\n', script },
      },
    }),
  );
  await prepareObservation(cluster);
  const world = createWorld({ cluster, options, dice, proxies });
  await world.start();
  await Promise.all([world.submitUntilDone(), world.failUntilDone()]);
  say('quiet: everything may end now');
  await world.calmDown();
  const observed = await observe(cluster, world.confirmed);
  return {
    seed,
    seconds: Math.round((performance.now() - started) / 1000),
    faults: world.faults,
    kills: world.kills(),
    tally: tally(observed),
    violations: violations(observed),
  };
}

/** A table that a trigger fills with every change of status, and a queue that catches every completion. */
async function prepareObservation({ sql, broker }: Cluster): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE chaos_change (n BIGINT GENERATED ALWAYS AS IDENTITY, execution BIGINT, was TEXT, is_now TEXT);
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos_change (execution, was, is_now) VALUES (NEW.id, OLD.status, NEW.status); RETURN NULL; END $$;
    CREATE TRIGGER chaos_note AFTER UPDATE ON execution FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION chaos_note();`);
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  await channel.assertExchange('attune.executions', 'topic', { durable: true });
  await channel.assertQueue(COMPLETED_QUEUE, { durable: true });
  await channel.bindQueue(COMPLETED_QUEUE, 'attune.executions', 'execution.completed');
  await connection.close();
}

interface WorldDependencies {
  readonly cluster: Cluster;
  readonly options: RoundOptions;
  readonly dice: Dice;
  readonly proxies: readonly TcpProxy[];
}

function createWorld({ cluster, options, dice, proxies }: WorldDependencies) {
  const { agent, seconds, executions, kills: wantedKills, say } = options;
  const workers = new Map<string, AgentProcess>();
  const faults: Record<string, number> = {};
  const confirmed: number[] = [];
  const history = join(cluster.packs.path, 'history');
  const deadline = performance.now() + seconds * 1000;
  let selfKills = 0;
  let isQuiet = false;
  let server: AgentProcess | undefined;
  const kills = (): number => (faults['worker killed'] ?? 0) + (faults['server killed'] ?? 0) + selfKills;
  const isDone = (): boolean =>
    performance.now() > deadline && confirmed.length >= executions && kills() >= wantedKills;
  const count = (what: string): void => {
    faults[what] = (faults[what] ?? 0) + 1;
  };
  /* A worker that has ended, however that came about, is started again under its name, mostly with a fault to come. */
  const startWorker = (name: string): void => {
    const point = dice.pick(POINTS);
    const fault = !isQuiet && dice.chance(0.7) ? { ATTUNE_FAULT: `${point}:${dice.between(1, 12)}` } : undefined;
    const worker = cluster.startWorker(name, { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '4', ...fault }, agent);
    workers.set(name, worker);
    void worker.ended.then((code) => {
      if (workers.get(name) !== worker) return;
      if (code === 137) {
        selfKills++;
        count(`killed itself when ${point}`);
      } else if (code !== 0) say(`${name} ended with ${code}: ${worker.said().split('\n').slice(-4).join(' | ')}`);
      startWorker(name);
    });
  };
  const someWorker = (): AgentProcess | undefined => workers.get(dice.pick(WORKERS));
  const restartServer = async (): Promise<void> => {
    server?.signal('SIGKILL');
    await server?.ended;
    server = cluster.startServer();
  };
  const acts: Readonly<Record<string, { readonly weight: number; act(): Promise<void> }>> = {
    'worker killed': {
      weight: 30,
      act: async () => {
        const [name = '', worker] = [...workers].at(dice.between(0, WORKERS.length - 1)) ?? [];
        workers.delete(name);
        worker?.signal('SIGKILL');
        await worker?.ended;
        startWorker(name);
      },
    },
    'worker drained': { weight: 6, act: async () => someWorker()?.signal('SIGTERM') },
    'worker stopped past its lease': {
      weight: 6,
      act: async () => {
        const worker = someWorker();
        worker?.signal('SIGSTOP');
        setTimeout(() => worker?.signal('SIGCONT'), LEASE_MS * dice.between(1, 3));
      },
    },
    'connections cut': { weight: 8, act: async () => dice.pick(proxies).cut() },
    'broker mute for a while': {
      weight: 3,
      act: async () => {
        proxies[1]?.mute();
        await Bun.sleep(1000);
        proxies[1]?.unmute();
      },
    },
    'server killed': { weight: 4, act: restartServer },
    'database restarted': { weight: 1, act: async () => await restart(cluster.database.power) },
    'broker restarted': { weight: 0.5, act: async () => await restart(cluster.broker.power) },
  };
  const submitOne = async (): Promise<void> => {
    const body = {
      action_ref: dice.chance(0.7) ? 'life.often' : 'life.once',
      env_vars: { HISTORY: history, NAP: dice.pick(['0', '0', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5']) },
    };
    try {
      const response = await cluster.api('executions', {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5000),
      });
      const answer = (await response.json()) as { id?: number };
      if (response.status === 201 && answer.id !== undefined) confirmed.push(answer.id);
      else await Bun.sleep(100);
    } catch {
      await Bun.sleep(100); /* unknown: it may exist, and then must end too */
    }
  };
  const unfinished = async (): Promise<number> => {
    try {
      const [row] = await cluster.sql<{ n: number }[]>`
        SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ACTIVE)}`;
      return row?.n ?? 0;
    } catch {
      return MOST_OUTSTANDING;
    }
  };
  return {
    confirmed,
    faults,
    kills,
    start: async () => {
      server = cluster.startServer();
      for (const name of WORKERS) startWorker(name);
      await cluster.answers();
    },
    submitUntilDone: async () => {
      while (!isDone()) {
        if ((await unfinished()) >= MOST_OUTSTANDING) await Bun.sleep(50);
        else await Promise.all(Array.from({ length: 10 }, submitOne));
      }
    },
    failUntilDone: async () => {
      for (let said = performance.now(); !isDone(); ) {
        await Bun.sleep(dice.between(50, 400));
        const what = dice.weighted(Object.entries(acts).map(([name, { weight }]) => [name, weight] as const));
        count(what);
        await acts[what]?.act();
        if (performance.now() - said > 10_000) {
          say(`${confirmed.length} executions, ${kills()} kills`);
          said = performance.now();
        }
      }
    },
    calmDown: async () => {
      isQuiet = true;
      proxies[1]?.unmute();
      for (const [name, worker] of [...workers]) {
        workers.delete(name);
        worker.signal('SIGCONT');
        worker.signal('SIGKILL');
        await worker.ended;
        startWorker(name);
      }
      await until('every execution has ended', async () => (await unfinished()) === 0, 60_000).catch(
        async (error: unknown) => {
          throw new Error(`${error}\n${await describeStuck(cluster, [server, ...workers.values()])}`, { cause: error });
        },
      );
      await until(
        'every message is out',
        async () => (await cluster.sql`SELECT 1 FROM outbox LIMIT 1`).length === 0,
        60_000,
      );
      const last = [...workers.values()];
      workers.clear();
      for (const worker of last) worker.signal('SIGTERM');
      await Promise.all(last.map((worker) => worker.ended));
    },
  };
}

/** For whoever looks into it. */
async function describeStuck({ sql }: Cluster, processes: readonly (AgentProcess | undefined)[]): Promise<string> {
  const executions = await sql`
    SELECT id, status, attempt, worker, retry_count, schedule_after - now() AS due_in, dispatched_at - now() AS dispatched FROM execution
    WHERE status IN ${sql.unsafe(ACTIVE)} ORDER BY id LIMIT 20`;
  const workers = await sql`SELECT id, name, status, meta, now() - last_heartbeat AS silent FROM worker ORDER BY id`;
  const claims = await sql`SELECT *, lease_expires_at - now() AS left FROM execution_claim`;
  const logs = processes.map((one) => `pid ${one?.pid}: ${one?.said().split('\n').slice(-12).join('\n  ')}`);
  return [JSON.stringify({ executions, workers, claims }, null, 1), ...logs].join('\n');
}

async function restart(power: { kill(): Promise<void>; start(): Promise<void> } | undefined): Promise<void> {
  await power?.kill();
  await power?.start();
}

async function observe({ sql, broker, packs }: Cluster, confirmed: readonly number[]): Promise<Observed> {
  const executions = await sql<
    {
      id: string;
      status: ExecutionStatus;
      attempt: number;
      retry_count: number;
      result_attempt: number | null;
      log: string;
    }[]
  >`
    SELECT e.id, e.status, e.attempt, e.retry_count, (e.result->'data'->>'attempt')::int AS result_attempt,
      COALESCE((SELECT string_agg(convert_from(l.data, 'UTF8'), '' ORDER BY l.seq) FROM execution_log l
        WHERE l.execution = e.id AND l.attempt = e.attempt AND l.stream = 'stdout'), '') AS log
    FROM execution e`;
  const changes = await sql<
    { execution: string; was: ExecutionStatus; is_now: ExecutionStatus }[]
  >`SELECT execution, was, is_now FROM chaos_change ORDER BY n`;
  const [claims] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM execution_claim`;
  const [outbox] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM outbox`;
  return {
    confirmed,
    executions: executions.map((row) => ({
      id: Number(row.id),
      status: row.status,
      attempt: row.attempt ?? 0,
      retryCount: row.retry_count,
      resultAttempt: row.result_attempt ?? undefined,
      log: row.log,
    })),
    lines: readHistory(join(packs.path, 'history')),
    changes: changes.map((row) => ({ execution: Number(row.execution), from: row.was, to: row.is_now })),
    messages: await readMessages(broker.url),
    leftClaims: claims?.n ?? 0,
    leftOutbox: outbox?.n ?? 0,
  };
}

function readHistory(path: string): Observed['lines'] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [execution, attempt, what] = line.split(' ');
      if (what !== 'start' && what !== 'end') throw new Error(`the history has the line '${line}'`);
      return { execution: Number(execution), attempt: Number(attempt), what };
    });
}

async function readMessages(url: string): Promise<Observed['messages']> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const messages: Observed['messages'][number][] = [];
  for (let message = await channel.get(COMPLETED_QUEUE); message; message = await channel.get(COMPLETED_QUEUE)) {
    const { message_id: messageId, payload } = JSON.parse(message.content.toString());
    messages.push({ messageId, execution: payload.execution_id, status: payload.status });
    channel.ack(message);
  }
  await connection.close();
  return messages;
}
