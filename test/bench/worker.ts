/**
 * The whole durable path (request → schedule → dispatch → claim → run → result) on real servers, against a bare loop of
 * Bun.spawn with the same command, in one run: `bun test/bench/worker.ts AGENT [EXECUTIONS]`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACTIVE, ASSIGNED } from '#adapters/store/status-lists.ts';
import { callAgent } from '#test/support/agent.ts';
import { type AgentProcess, startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';
import { median } from './measure.ts';
import { processorMs } from './processes.ts';

const each = Number(process.argv[3] ?? 3000);
const script = 'exit 0\n';

await using cluster = await startCluster({ heartbeat: 3, actions: { true: { script }, other: { script } } });
const file = join(cluster.packs.path, 'life/actions/true.sh');
cluster.startServer();
await cluster.answers();

const command = [firstShell(), file];
console.log(`worker: an empty shell script (${command[0]}), ${each} executions each; rates are executions per second`);
for (const concurrency of (process.argv[4] ?? '1,4,16').split(',').map(Number)) {
  await using worker = await ready(`bench-${concurrency}`, concurrency);
  await run(Math.min(each, 500)); /* warm */
  const bare = await bareRate(command, concurrency);
  const bareTrue = await bareRate(['/bin/true'], concurrency);
  const cpu = processorMs(worker.pid);
  const { rate, overheads } = await run(each);
  line(`rate at ${concurrency} at once / bare Bun.spawn of the same`, rate, bare);
  line(`rate at ${concurrency} at once / bare Bun.spawn of /bin/true`, rate, bareTrue);
  const tail = overheads.toSorted((a, b) => a - b)[Math.floor(overheads.length * 0.99)] ?? 0;
  const added = 1000 / rate - 1000 / bare;
  const agentMs = (processorMs(worker.pid) - cpu) / each;
  console.log(
    `    per execution: ${added.toFixed(2)} ms more than bare; from claim to stored result beyond its own duration p50 ${median(overheads).toFixed(2)} ms, p99 ${tail.toFixed(2)} ms; CPU of the agent and its children ${agentMs.toFixed(2)} ms`,
  );
}

{
  const name = 'bench-start';
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const start = performance.now();
    const worker = cluster.startWorker(name);
    await until('it consumes', async () => (await consumers(name)) > 0);
    times.push(performance.now() - start);
    worker.signal('SIGTERM');
    await worker.ended;
  }
  const bareStart = median(Array.from({ length: 5 }, () => timeOf(() => callAgent(['--version']))));
  line('start → consuming / start of --version, ms', median(times), bareStart);
}

{
  await using worker = await ready('bench-backlog', 16);
  const before = vitals(worker.pid);
  const empty = (await run(each)).rate;
  await cluster.sql`
    INSERT INTO execution (action, action_ref, config) SELECT id, ref, '{}' FROM action, generate_series(1, 100000) WHERE ref = 'life.true'`;
  await cluster.sql`ANALYZE execution`;
  const [first] = await cluster.sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status = 'completed'`;
  const start = performance.now();
  await until('some are done', async () => (await completed()) >= (first?.n ?? 0) + each, 300_000);
  const full = (((await completed()) - (first?.n ?? 0)) / (performance.now() - start)) * 1000;
  line('rate at a backlog of 100,000 / rate at none', full, empty);
  const wanted = (first?.n ?? 0) + 20_000;
  await until('20,000 are done', async () => (await completed()) >= wanted, 600_000);
  await cluster.sql`UPDATE worker SET cordoned = true`;
  await until('it is idle', async () => (await assigned()) === 0);
  Bun.gc(true);
  const after = vitals(worker.pid);
  console.log(
    `    idle: RSS ${before.rssMb} MB, ${before.fds} fds, ${before.children} children; after 20,000 executions: RSS ${after.rssMb} MB, ${after.fds} fds, ${after.children} children, ${after.zombies} zombies`,
  );
}

function firstShell(): string {
  const report = JSON.parse(
    callAgent(['--detect-only', '--format', 'json'], {
      env: { PATH: '/usr/bin:/bin', ATTUNE_WORKER_RUNTIMES: 'shell' },
    }).stdout,
  );
  return (
    report.interpreters.find((one: { name?: string; family?: string }) => (one.family ?? one.name) === 'shell')?.path ??
    '/bin/sh'
  );
}

async function ready(name: string, concurrency: number): Promise<AgentProcess> {
  const worker = cluster.startWorker(name, { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: String(concurrency) });
  await until('it is ready', () => callAgent(['health', '--name', name], { env: cluster.env }).exitCode === 0);
  const drain = async (): Promise<void> => {
    worker.signal('SIGTERM');
    await worker.ended;
  };
  return { ...worker, [Symbol.asyncDispose]: drain };
}

/** Asks for so many at once, waits for all. The rate is that between the first claim and the last result. */
async function run(count: number): Promise<{ readonly rate: number; readonly overheads: readonly number[] }> {
  const [last] = await cluster.sql<{ id: string }[]>`SELECT COALESCE(max(id), 0) AS id FROM execution`;
  await cluster.sql`
    WITH made AS (INSERT INTO execution (action, action_ref, config) SELECT id, ref, '{}' FROM action, generate_series(1, ${count}::int) WHERE ref = 'life.true' RETURNING id)
    SELECT 1 FROM made LIMIT 1`;
  await until('all are done', async () => (await unfinished()) === 0, 300_000);
  const rows = await cluster.sql<{ ms: number; seconds: number }[]>`
    SELECT extract(epoch FROM updated - started_at)::float8 * 1000 - (result->>'duration_ms')::float8 AS ms,
      extract(epoch FROM max(updated) OVER () - min(started_at) OVER ())::float8 AS seconds
    FROM execution WHERE id > ${last?.id ?? 0} AND status = 'completed'`;
  if (rows.length !== count) throw new Error(`${count - rows.length} of ${count} did not complete`);
  return { rate: count / (rows[0]?.seconds ?? 1), overheads: rows.map((row) => row.ms) };
}

async function bareRate(args: readonly string[], concurrency: number): Promise<number> {
  let left = each;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const child = Bun.spawn([...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
      await Promise.all([child.stdout.bytes(), child.stderr.bytes(), child.exited]);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (each / (performance.now() - start)) * 1000;
}

async function assigned(): Promise<number> {
  const [row] = await cluster.sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ASSIGNED)}`;
  return row?.n ?? 0;
}

/** Asked seldom: counting is work for the server that is measured. */
async function unfinished(): Promise<number> {
  await Bun.sleep(100);
  const [row] = await cluster.sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ACTIVE)}`;
  return row?.n ?? 0;
}

async function completed(): Promise<number> {
  await Bun.sleep(100);
  const [row] = await cluster.sql<{ n: number }[]>`SELECT count(*)::int AS n FROM execution WHERE status = 'completed'`;
  return row?.n ?? 0;
}

async function consumers(name: string): Promise<number> {
  const [row] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = ${name} AND meta ? 'instance'`;
  if (!row) return 0;
  const { connect } = await import('amqplib');
  const connection = await connect(cluster.broker.url);
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  const count = await channel.checkQueue(`worker.${row.id}.executions`).then(
    (queue) => queue.consumerCount,
    () => 0,
  );
  await connection.close();
  return count;
}

function vitals(pid: number): { rssMb: number; fds: number; children: number; zombies: number } {
  const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((one) => one !== '');
  const zombies = children.filter((child) => readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z '));
  return {
    rssMb: Math.round(rss / 1024),
    fds: readdirSync(`/proc/${pid}/fd`).length,
    children: children.length,
    zombies: zombies.length,
  };
}

function timeOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function line(what: string, value: number, baseline: number): void {
  console.log(
    `  ${what.padEnd(58)} ${value.toFixed(0).padStart(6)} / ${baseline.toFixed(0).padStart(6)}   ratio ${(value / baseline).toFixed(3)}`,
  );
}
