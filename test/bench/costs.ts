/**
 * The cost of one durable execution as counts, which depend on the load of the machine little: rows, WAL, transactions,
 * CPU and system calls, for executions that are submitted by the API, 16 at a time, without and with a line of output:
 * `bun test/bench/costs.ts AGENT [EXECUTIONS]`.
 */
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { callAgent } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { countSystemCalls } from '#test/support/system-calls.ts';
import { until } from '#test/support/until.ts';
import { processorMs, statOf, statsBelow, sumOf } from './processes.ts';

const each = Number(process.argv[3] ?? 200);
const LANES = 16;
const actions = { nothing: { script: 'exit 0\n' }, line: { script: 'echo one line of output\n' } };

await using cluster = await startCluster({ heartbeat: 3, actions });
const server = cluster.startServer({ ATTUNE__SERVER__REQUESTS_PER_SECOND: '0' });
await cluster.answers();
const worker = cluster.startWorker('costs', { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: String(LANES) });
await until('it is ready', () => callAgent(['health', '--name', 'costs'], { env: cluster.env }).exitCode === 0);
await submitAll('nothing', each); /* warm */
for (const action of Object.keys(actions)) await measure(action);

async function measure(action: string): Promise<void> {
  const before = await countAll();
  await submitAll(action, each);
  const after = await countAll();
  console.log(`costs of ${each} executions of '${action}', for each of them`);
  for (const [what, count] of Object.entries(after)) line(what, (count - (before[what] ?? 0)) / each);
  line('system calls of the agent', (await countSystemCalls(worker.pid, () => submitAll(action, each))) / each);
}

function line(what: string, cost: number): void {
  if (Math.abs(cost) >= 0.01) console.log(`  ${what.padEnd(44)} ${cost.toFixed(2).padStart(9)}`);
}

async function submitAll(action: string, count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await cluster.submit(action);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await until('all are done', async () => (await active()) === 0, 300_000);
}

/** Asked seldom: counting is work for the server that is measured. */
async function active(): Promise<number> {
  await Bun.sleep(100);
  const [row] = await cluster.sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ACTIVE)}`;
  return row?.n ?? 0;
}

async function countAll(): Promise<Record<string, number>> {
  await Bun.sleep(1500); /* PostgreSQL tells its counts late */
  const [wal] = await cluster.sql<{ records: number; bytes: number }[]>`
    SELECT wal_records::float8 AS records, wal_bytes::float8 AS bytes FROM pg_stat_wal`;
  const [database] = await cluster.sql<{ n: number }[]>`
    SELECT xact_commit::float8 AS n FROM pg_stat_database WHERE datname = current_database()`;
  return {
    ...(await countRows()),
    'WAL records': wal?.records ?? 0,
    'WAL bytes': wal?.bytes ?? 0,
    transactions: database?.n ?? 0,
    'ms of CPU: agent and children': processorMs(worker.pid),
    'ms of CPU: server': sumOf([statOf(server.pid)]),
    'ms of CPU: PostgreSQL': msOf('postgres'),
    'ms of CPU: RabbitMQ': msOf('beam.smp'),
  };
}

async function countRows(): Promise<Record<string, number>> {
  const tables = await cluster.sql<{ name: string; counts: Record<string, number> }[]>`
    SELECT relname AS name, json_build_object('inserts', n_tup_ins, 'updates', n_tup_upd, 'HOT updates', n_tup_hot_upd,
      'deletes', n_tup_del) AS counts FROM pg_stat_user_tables WHERE n_tup_ins > 0`;
  const rows: Record<string, number> = {};
  for (const { name, counts } of tables)
    for (const [what, count] of Object.entries(counts)) rows[`rows of ${name}: ${what}`] = count;
  return rows;
}

/** What the processes below this one with that name have used. */
function msOf(name: string): number {
  return sumOf(statsBelow(process.pid).filter((one) => one.name === name));
}
