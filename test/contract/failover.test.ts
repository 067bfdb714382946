/** A real primary that is lost, and its asynchronous replica that takes its place. */
import { expect } from 'bun:test';
import postgres from 'postgres';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { startPrimaryWithReplica } from '#test/support/replica.ts';
import { schema } from '#test/support/schema.ts';
import { serversTest } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';

const one = { actionRef: 'inline.code', parameters: {}, inline: { runtime: 'shell', code: 'true', options: {} } };

serversTest('an id that was answered and lost by a failover is not given again', async () => {
  await using servers = await startPrimaryWithReplica();
  const sql = await openUnnamed(servers.primary);
  await migrate(sql, schema);
  const idsFrom = async (url: string): Promise<readonly number[]> => {
    await using store = openPostgresStore(url);
    const requested = await store.request([one, one, one]);
    return requested.executions.map(Number);
  };
  const before = await idsFrom(servers.primary);
  expect(Math.max(...before)).toBeLessThan(100);
  const replica = postgres(servers.replica, { max: 1, onnotice: () => {} });
  await until('the replica has them', async () => {
    const rows = await replica`SELECT 1 FROM attune.execution`.catch(() => []);
    return rows.length === before.length;
  });
  servers.cut();
  const lost: number[] = [];
  for (let n = 0; n < 40; n++) lost.push(...(await idsFrom(servers.primary)));
  await sql.end({ timeout: 1 });
  await servers.failOver();
  const after = [...(await idsFrom(servers.replica)), ...(await idsFrom(servers.replica))];
  const known = await replica<{ id: number }[]>`SELECT id::int FROM attune.execution ORDER BY id`;
  await replica.end({ timeout: 1 });
  expect(known.map(({ id }) => id)).toEqual([...before, ...after]);
  expect(Math.min(...after)).toBeGreaterThan(Math.max(...lost));
  /* It leaps once. */
  expect(Math.max(...after) - Math.min(...after)).toBeLessThan(100);
});
