/** What executions write beside their own rows: counts of rows, of updates in place, and of indexes. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, completed, ended, join, LEASE_MS, submit } from '#test/contract/store/fixtures.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';
import { eventually } from '#test/support/until.ts';

const server = sharedPostgres();

test('a heartbeat renews all leases in place, and an execution writes no claim and no attempt beside its row', async () => {
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
        WHERE relname = 'worker'`,
    (rows) => rows.every((row) => row.updates >= 30),
  );
  expect(written.filter((row) => row.in_place !== row.updates)).toHaveLength(0);
  expect(written).toHaveLength(1);
  expect([...(await sql`SELECT FROM execution_attempt`)]).toEqual([]);
  const indexes = await sql<{ indexdef: string }[]>`SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%lease%'`;
  expect([...indexes]).toEqual([]);
  await sql.end();
});
