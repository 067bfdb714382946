/**
 * What one durable execution costs PostgreSQL, without the API and by batches: the processor's time of its sessions, WAL
 * by relation, rows and statements (`bun test/bench/statements.ts [BATCHES]`). Where pg_stat_statements is loaded, on
 * the server at ATTUNE_TEST_DATABASE_URL, also what each statement takes.
 */
import { readFileSync } from 'node:fs';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, LEASE_MS, submit } from '#test/contract/store/fixtures.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { openSql, schema } from '#test/support/schema.ts';

const STEPS = ['request', 'schedule', 'claim', 'settle'] as const;
type Step = (typeof STEPS)[number];

const batches = Number(process.argv[2] ?? 100);

await using server = await startPostgres();
const url = await server.createDatabase();
const sql = openSql(url);
await migrate(sql, schema);
const hasStatements = (await sql`SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements'`).length > 0;
await sql.unsafe('CREATE EXTENSION IF NOT EXISTS pg_walinspect');
await using store = openPostgresStore(url);
await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
const session = await join(store);
for (let round = 0; round < 300; round++) await live(8, (_, work) => work()); /* warm */
await sql`VACUUM ANALYZE`;
for (const size of [1, 8, 16]) await measure(size);
await sql.end();

/** Lets a batch of executions live from its request to its end. `noted` is told which step comes, and waits for it. */
async function live(size: number, noted: (step: Step, work: () => Promise<void>) => Promise<void>): Promise<void> {
  let executions: readonly ExecutionId[] = [];
  let claimed: readonly ClaimedExecution[] = [];
  let accepted: readonly ExecutionId[] = [];
  await noted('request', async () => {
    executions = await submit(store, 'demo.echo', size);
  });
  await noted('schedule', async () => void (await store.schedule(bounds, firstWorker)));
  await noted('claim', async () => {
    const offers = executions.map((execution) => ({ execution, attempt: 1 }));
    claimed = (await store.claim(session, offers, LEASE_MS)).claimed;
  });
  await noted('settle', async () => {
    accepted = (await store.settle(claimed.map((one) => ended(session, one, completed)))).accepted;
  });
  if (accepted.length !== size) throw new Error(`${accepted.length} of ${size} have ended`);
}

async function measure(size: number): Promise<void> {
  const isLoaded = hasStatements && (await resetStatements());
  const pids = await sessions();
  const cpuNs = { request: 0, schedule: 0, claim: 0, settle: 0 };
  const before = await position();
  for (let batch = 0; batch < batches; batch++)
    await live(size, async (step, work) => {
      const start = cpuOf(pids);
      await work();
      cpuNs[step] += cpuOf(pids) - start;
    });
  const after = await position();
  const executions = batches * size;
  console.log(`${executions} executions in batches of ${size}, for each of them`);
  const cpu = STEPS.map((step) => cpuNs[step] / 1e6 / executions);
  line(
    'ms of the processor',
    cpu.reduce((sum, one) => sum + one, 0),
  );
  for (const [n, step] of STEPS.entries()) line(`  ${step}`, cpu[n] ?? 0);
  const relations = await sql<{ what: string; records: number; bytes: number }[]>`
    SELECT CASE
        WHEN c.relname LIKE 'pg_toast%' THEN 'toast'
        ELSE COALESCE(c.relname, b.resource_manager) END AS what,
      count(*)::float8 AS records, sum(b.bytes)::float8 AS bytes
    FROM (
      SELECT resource_manager, (record_length)::bigint AS bytes, (regexp_match(block_ref, 'rel \\d+/\\d+/(\\d+)'))[1]::oid AS node
      FROM pg_get_wal_records_info(${before}::pg_lsn, ${after}::pg_lsn)
    ) b LEFT JOIN pg_class c ON c.relfilenode = b.node AND b.node <> 0
    GROUP BY 1 ORDER BY 3 DESC`;
  line(
    'WAL records',
    relations.reduce((sum, one) => sum + one.records, 0) / executions,
    relations.reduce((sum, one) => sum + one.bytes, 0) / executions,
  );
  for (const { what, records, bytes } of relations)
    if (bytes / executions >= 1) line(`  ${what}`, records / executions, bytes / executions);
  if (isLoaded) await printStatements(executions);
}

function line(what: string, ...numbers: readonly number[]): void {
  console.log(`  ${what.padEnd(60)} ${numbers.map((one) => one.toFixed(3).padStart(10)).join(' ')}`);
}

async function resetStatements(): Promise<boolean> {
  const [row] = await sql<{ it: string }[]>`SELECT current_setting('shared_preload_libraries') AS it`;
  if (!row?.it.includes('pg_stat_statements')) return false;
  await sql.unsafe('CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()');
  return true;
}

async function printStatements(executions: number): Promise<void> {
  const rows = await sql<{ query: string; calls: number; plan: number; exec: number; top: boolean; wal: number }[]>`
    SELECT query, calls::float8, total_plan_time AS plan, total_exec_time AS exec, toplevel AS top, wal_records::float8 AS wal
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND query NOT LIKE '%pg_stat%' AND query NOT LIKE '%pg_get_wal%'
    ORDER BY total_exec_time + total_plan_time DESC LIMIT 24`;
  console.log('  calls, ms of planning, ms of execution, WAL records');
  for (const { query, calls, plan, exec, top, wal } of rows)
    line(
      `  ${top ? '' : '  '}${query.replaceAll(/\s+/g, ' ').slice(0, 54)}`,
      calls / executions,
      plan / executions,
      exec / executions,
      wal / executions,
    );
}

async function position(): Promise<string> {
  const [row] = await sql<{ lsn: string }[]>`SELECT pg_current_wal_insert_lsn()::text AS lsn`;
  return row?.lsn ?? '0/0';
}

/** The processes of the sessions of the store. */
async function sessions(): Promise<readonly number[]> {
  const rows = await sql<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'`;
  return rows.map(({ pid }) => pid);
}

/** The nanoseconds that the processor has given them. */
function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]), 0);
}
