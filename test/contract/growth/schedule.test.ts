/** What the scheduler reads does not grow with what waits: buffers are counted at three sizes each. */
import { expect } from 'bun:test';
import type postgres from 'postgres';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { planBatch } from '#control-plane/scheduler/plan.ts';
import type { Plan } from '#domain/schedule-store.ts';
import { buffersOf } from '#test/support/buffers.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';

const server = sharedPostgres();

const plan: Plan = (requests, workers) =>
  planBatch(requests, workers, { schedulingDeadlineMs: 300_000, overcommit: () => 0 });
const bounds = { limit: () => 200, leaseMs: 60_000 };

async function open(): Promise<{ readonly url: string; readonly sql: postgres.Sql }> {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  return { url, sql };
}

/** Actions of packs `p0`, `p1` and so on, by turns. */
async function addActions(sql: postgres.Sql, count: number, packs: number): Promise<void> {
  await sql`INSERT INTO runtime (ref, name) VALUES ('core.shell', 'shell') ON CONFLICT DO NOTHING`;
  await sql`INSERT INTO pack (ref, label, version) SELECT 'p' || n, 'p', '1' FROM generate_series(0, ${packs}::int - 1) n`;
  await sql`
    INSERT INTO action (ref, pack, pack_ref, label, entrypoint, runtime)
    SELECT p.ref || '.a' || n, p.id, p.ref, 'a', 'a.sh', (SELECT id FROM runtime LIMIT 1)
    FROM generate_series(1, ${count}::int) n JOIN pack p ON p.ref = 'p' || n % ${packs}`;
}

async function addRequests(sql: postgres.Sql, ofEach: number): Promise<void> {
  await sql`
    INSERT INTO execution (action, action_ref) SELECT a.id, a.ref FROM action a, generate_series(1, ${ofEach}::int)`;
}

async function addWorkers(sql: postgres.Sql, count: number, slots: number): Promise<void> {
  await sql`
    INSERT INTO worker (name, worker_type, status, last_heartbeat, capabilities)
    SELECT 'w' || n, 'container', 'active', now(),
      jsonb_build_object('runtimes', '["shell"]'::jsonb, 'max_concurrent_executions', ${slots}::int)
    FROM generate_series(1, ${count}::int) n`;
}

const round = 'SELECT * FROM agent_waiting(1000, 200, NULL, NULL)';

test('a hundred thousand waiting executions of a thousand actions cost a pass as much as a thousand, and fill fifty workers', async () => {
  const { url, sql } = await open();
  await addActions(sql, 1000, 10);
  await addWorkers(sql, 50, 16);
  const read: number[] = [];
  for (const ofEach of [1, 9, 90]) {
    await addRequests(sql, ofEach);
    read.push(await buffersOf(sql, round));
  }
  const [first = 0, , last = 0] = read;
  expect([read, last < 2 * first && last < 4000]).toEqual([read, true]);
  expect(await buffersOf(sql, 'SELECT agent_has_waiting()', 'twice')).toBeLessThan(20);
  await using store = openPostgresStore(url);
  const dispatched: (number | undefined)[] = [];
  for (let n = 0; n < 5; n++) dispatched.push((await store.schedule(bounds, plan))?.dispatched);
  const total = dispatched.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  expect([dispatched, total]).toEqual([dispatched, 800]);
  await sql.end();
});

test('a pass reads as much for ten thousand actions that wait as for a thousand', async () => {
  const { sql } = await open();
  const read: number[] = [];
  for (const [count, packs] of [
    [1000, 10],
    [10_000, 100],
  ] as const) {
    await sql`TRUNCATE execution, action, pack, runtime CASCADE`;
    await addActions(sql, count, packs);
    await addRequests(sql, 1);
    read.push(await buffersOf(sql, round));
  }
  const [first = 0, last = 0] = read;
  expect([read, last < 2 * first]).toEqual([read, true]);
  await sql.end();
});

test('capabilities that a scheduler has read are not read again', async () => {
  const { url, sql } = await open();
  await addActions(sql, 1, 1);
  await addWorkers(sql, 3, 16);
  await addRequests(sql, 1);
  await using store = openPostgresStore(url);
  expect(await store.schedule(bounds, plan)).toMatchObject({ dispatched: 1 });
  await sql`UPDATE worker SET last_heartbeat = now()`;
  await sql`ALTER TABLE worker RENAME capabilities TO away`;
  await addRequests(sql, 1);
  expect(await store.schedule(bounds, plan)).toMatchObject({ dispatched: 1 });
  await sql`ALTER TABLE worker RENAME away TO capabilities`;
  await sql`UPDATE worker SET capabilities = '{"runtimes": ["python"], "max_concurrent_executions": 1}'`;
  await addRequests(sql, 1);
  expect(await store.schedule(bounds, plan)).toMatchObject({ dispatched: 0 });
  await sql.end();
});

test('what can run is found at once behind any number that cannot', async () => {
  const { url, sql } = await open();
  await addActions(sql, 2, 1);
  await addWorkers(sql, 1, 16);
  const passes: number[] = [];
  for (const stuck of [0, 1000, 4000]) {
    await sql`TRUNCATE execution CASCADE`;
    await sql`
      INSERT INTO execution (action, action_ref, worker_selector)
      SELECT a.id, a.ref, '{"gpu": "yes"}' FROM action a, generate_series(1, ${stuck}::int) WHERE a.ref = 'p0.a1'`;
    await sql`
      INSERT INTO execution (action, action_ref) SELECT a.id, a.ref FROM action a, generate_series(1, 5)`;
    await using store = openPostgresStore(url);
    for (let made = 0, n = 1; made < 10; n++) {
      made += (await store.schedule(bounds, plan))?.dispatched ?? 0;
      if (made === 10) passes.push(n);
    }
  }
  expect(passes).toEqual([1, 1, 1]);
  await sql.end();
});

test('a thousand executions that nobody can run, each for a reason of its own, keep another waiting for a few passes', async () => {
  const { url, sql } = await open();
  await addActions(sql, 1, 1);
  await addWorkers(sql, 1, 16);
  await sql`
    INSERT INTO execution (action, action_ref, worker_selector)
    SELECT a.id, a.ref, jsonb_build_object('n', n::text) FROM action a, generate_series(1, 1000) n`;
  await sql`INSERT INTO execution (action_ref, action, worker_selector) SELECT ref, id, '{}' FROM action`;
  await using store = openPostgresStore(url);
  let passes = 1;
  for (; (await store.schedule(bounds, plan))?.dispatched === 0; passes++);
  expect(passes).toBeLessThanOrEqual(5);
  await sql.end();
});
