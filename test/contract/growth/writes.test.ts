/** What executions write and ask: counts of rows, of updates in place, of indexes, of records of WAL and of statements. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { claim } from '#adapters/store/postgres/queries/claim.ts';
import { request } from '#adapters/store/postgres/queries/request.ts';
import { createSchedule } from '#adapters/store/postgres/queries/schedule.ts';
import { settle } from '#adapters/store/postgres/queries/settle.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, LEASE_MS, submit } from '#test/contract/store/fixtures.ts';
import { counting } from '#test/support/buffers.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';
import { eventually } from '#test/support/until.ts';

const server = sharedPostgres();

test('a heartbeat renews all leases in place, a claim changes its row in place, and writes no claim and no attempt beside it', async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  const store = openPostgresStore(url);
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  const session = await join(store);
  for (let round = 0; round < 10; round++) {
    const executions = await submit(store, 'demo.echo', 8);
    await store.schedule(bounds, firstWorker);
    const offers = executions.map((execution) => ({ execution, attempt: undefined }));
    const { claimed } = await store.claim(session, offers, LEASE_MS);
    for (let beat = 0; beat < 3; beat++) await store.heartbeat(session, LEASE_MS);
    await store.settle(claimed.map((one) => ended(session, one, completed)));
  }
  /* Connections that end tell the server what they have done. */
  await store[Symbol.asyncDispose]();
  const written = await eventually(
    'the statistics',
    async () =>
      await sql<{ relname: string; updates: number; in_place: number }[]>`
        SELECT relname, n_tup_upd::int AS updates, n_tup_hot_upd::int AS in_place FROM pg_stat_user_tables
        WHERE relname IN ('execution', 'worker') ORDER BY relname`,
    (rows) => rows.every((row) => row.updates >= (row.relname === 'worker' ? 30 : 240)),
  );
  const [executions, workers] = written;
  expect(workers?.in_place).toBe(workers?.updates ?? 0);
  /* Of three updates the claim; there may be no room left on a page. */
  expect([executions, (executions?.in_place ?? 0) >= 72]).toEqual([executions, true]);
  expect([...(await sql`SELECT FROM execution_attempt`)]).toEqual([]);
  const indexes = await sql<{ indexdef: string }[]>`SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%lease%'`;
  expect([...indexes]).toEqual([]);
  await sql.end();
});

test('a batch of executions is six statements, a pass that finds nothing one, and each of them writes 15 records of WAL at most', async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  await sql`CREATE EXTENSION pg_walinspect`;
  await using store = openPostgresStore(url);
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  const session = await join(store);
  const counted = counting(sql);
  const caller = { sql: counted.sql, owner: undefined } as never;
  const schedule = createSchedule();
  const pass = async (): Promise<void> => void (await schedule(caller, bounds, firstWorker));
  const live = async (): Promise<void> => {
    const { executions } = await request(caller, Array(8).fill({ actionRef: 'demo.echo', parameters: {} }));
    await pass();
    const offers = executions.flatMap((execution) => (execution ? [{ execution, attempt: 1 }] : []));
    const { claimed } = await claim(caller, session, offers, LEASE_MS);
    const { accepted } = await settle(
      caller,
      claimed.map((one) => ended(session, one, completed)),
    );
    expect(accepted).toHaveLength(8);
  };
  await live();
  expect(await counted.statements(live)).toBe(6);
  expect(await counted.statements(pass)).toBe(1);
  const records = await recordsDuring(sql, async () => {
    for (let round = 0; round < 10; round++) await live();
  });
  expect([records / 80, records / 80 <= 15]).toEqual([records / 80, true]);
  await sql.end();
});

/** Records about the table of executions and its indexes. */
async function recordsDuring(sql: ReturnType<typeof openSql>, work: () => Promise<void>): Promise<number> {
  const position = async (): Promise<string> => {
    const [row] = await sql<{ lsn: string }[]>`SELECT pg_current_wal_insert_lsn()::text AS lsn`;
    return row?.lsn ?? '';
  };
  const before = await position();
  await work();
  const [row] = await sql<{ records: number }[]>`
    SELECT count(*)::int AS records FROM pg_get_wal_records_info(${before}::pg_lsn, ${await position()}::pg_lsn) r
    WHERE (regexp_match(r.block_ref, 'rel \\d+/\\d+/(\\d+)'))[1]::oid IN (
      SELECT c.relfilenode FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
      WHERE 'execution'::regclass IN (c.oid, i.indrelid))`;
  return row?.records ?? 0;
}
