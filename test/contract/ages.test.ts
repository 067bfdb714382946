/** What PostgreSQL removes by age: by ids, which are in the order of times, and by the end of each execution. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { action, pack } from './samples.ts';
import { submit } from './store/fixtures.ts';

const postgres = sharedPostgres();

serversTest('executions go so many days after their end, those that run or ended late stay', async () => {
  const url = await postgres().createDatabase();
  await using resources = new AsyncDisposableStack();
  const sql = openSql(url);
  resources.defer(async () => await sql.end({ timeout: 1 }));
  await migrate(sql, schema);
  await using store = openPostgresStore(url);
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  const ids = await submit(store, 'demo.echo', 6);
  const [, , third = '', late = '', , running = ''] = ids;
  for (const one of ids.slice(0, 5)) await store.cancel(one, 'me');
  await sql`
    UPDATE execution SET created = now() - interval '10 days',
      updated = CASE WHEN id = ${late} THEN updated ELSE now() - interval '9 days' END
    WHERE id <= ${third} OR id IN (${late}, ${running})`;
  const limit = { days: 5, count: undefined };
  for (const count of [2, 1, 0]) expect(await store.prune('results', limit, 2)).toBe(count);
  expect(await store.prune('executions', { ...limit, days: 15 }, 100)).toBe(0);
  for (const count of [3, 0]) expect(await store.prune('executions', limit, 100)).toBe(count);
  const left = await store.listExecutions({
    statuses: undefined,
    actionRef: undefined,
    worker: undefined,
    before: undefined,
    limit: 9,
  });
  expect(left.executions.map((one) => one.execution)).toEqual(ids.slice(3).toReversed());
  await sql.begin(async (transaction) => {
    await transaction`SELECT FROM agent_lock WHERE name = 'retention' FOR UPDATE`;
    expect(await store.prune('executions', limit, 100)).toBeUndefined();
  });
});
