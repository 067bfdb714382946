/** What the metrics cost does not grow with the executions that there are and have been. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { migrations } from '#adapters/store/postgres/migrations.ts';
import { measure } from '#adapters/store/postgres/queries/measure.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { counting } from '#test/support/buffers.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';

const server = sharedPostgres();

test('metrics read as much beside many executions that ended, or that wait, as beside few, in three statements', async () => {
  const sql = openSql(await server().createDatabase());
  await migrate(sql, schema);
  const counted = counting(sql);
  const figures = async () => await measure({ sql: counted.sql } as never);
  await sql`ALTER TABLE execution DISABLE TRIGGER USER`;
  const add = async (status: string, count: number): Promise<void> => {
    await sql`
      INSERT INTO execution (action_ref, status, worker, attempt, started_at)
      SELECT 'p.a', ${status}, 1, 1, CASE ${status} WHEN 'completed' THEN now() END
      FROM generate_series(1, ${count}::int)`;
  };
  const read: number[] = [];
  for (const count of [2000, 20_000, 60_000]) {
    await add('completed', count);
    await sql`VACUUM ANALYZE execution`;
    read.push(await counted.buffers(figures));
  }
  /* The statistics do not know of these, which are the newest of all. */
  await add('requested', 120_000);
  const { executions, newestRunSeconds } = await figures();
  expect(executions).toEqual([{ status: 'requested', count: 100_000 }]);
  expect(newestRunSeconds).toHaveLength(1000);
  expect([read, read.every((one) => one < 1000)]).toEqual([read, true]);
  const behind = await counted.buffers(figures);
  expect([behind, behind < 15_000]).toEqual([behind, true]);
  expect(await counted.statements(figures)).toBe(3);
  await sql.end();
});

test('what ended before there were counters counts too', async () => {
  const sql = openSql(await server().createDatabase());
  await migrate(sql, schema);
  await sql`INSERT INTO execution (action_ref, status) SELECT 'p.a', 'running' FROM generate_series(1, 5)`;
  await sql`UPDATE execution SET status = CASE WHEN id <= 3 THEN 'completed' ELSE 'failed' END WHERE id < 5`;
  const ended = [
    { status: 'completed', count: 3 },
    { status: 'failed', count: 1 },
  ] as const;
  expect((await measure({ sql } as never)).executions).toEqual([{ status: 'running', count: 1 }, ...ended]);
  for (const status of FINAL_STATUSES) await sql.unsafe(`DROP SEQUENCE execution_ended_${status}`);
  await sql.unsafe(migrations.find((one) => one.name === 'ended')?.sql ?? '');
  expect((await measure({ sql } as never)).executions).toEqual([{ status: 'running', count: 1 }, ...ended]);
  await sql.end();
});
