/** What lists, logs, claims and the end of a worker cost does not grow with what there is: buffers and statements are counted. */
import { expect } from 'bun:test';
import type postgres from 'postgres';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { claim } from '#adapters/store/postgres/queries/claim.ts';
import { findKeyNames, listKeys } from '#adapters/store/postgres/queries/keys.ts';
import { listActions } from '#adapters/store/postgres/queries/list-actions.ts';
import { listExecutions } from '#adapters/store/postgres/queries/list-executions.ts';
import { listPacks } from '#adapters/store/postgres/queries/list-packs.ts';
import { listWorkers } from '#adapters/store/postgres/queries/list-workers.ts';
import { pollLogs } from '#adapters/store/postgres/queries/poll-logs.ts';
import { prune } from '#adapters/store/postgres/queries/prune.ts';
import { recoverLost } from '#adapters/store/postgres/queries/recover-lost.ts';
import { listRuntimes } from '#adapters/store/postgres/queries/runtimes.ts';
import { savePacks } from '#adapters/store/postgres/queries/save-pack.ts';
import type { ExecutionFilter } from '#domain/execution-view.ts';
import { executionId, workerId } from '#domain/ids.ts';
import { action, pack } from '#test/contract/samples.ts';
import { buffersOf, type Counted, counting } from '#test/support/buffers.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';

const server = sharedPostgres();

async function open(): Promise<{ readonly sql: postgres.Sql; readonly counted: Counted; readonly caller: Caller }> {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  const counted = counting(sql);
  return {
    sql,
    counted,
    caller: { sql: counted.sql, owner: undefined, ciphers: undefined, shared: undefined } as never,
  };
}

async function addExecutions(sql: postgres.Sql, count: number): Promise<void> {
  await sql`ALTER TABLE execution DISABLE TRIGGER USER`;
  await sql`
    INSERT INTO execution (action_ref, status, worker, attempt)
    SELECT 'p.a', 'completed', 1, 1 FROM generate_series(1, ${count}::int)`;
  await sql`VACUUM ANALYZE execution`;
}

/* What is read to plan counts here: without that it is a dozen. */
test('a page of what is active costs a few buffers, whatever has ended: of all, of an action, of a worker; so does the oldest result', async () => {
  const { sql, counted, caller } = await open();
  const everything: ExecutionFilter = {
    statuses: undefined,
    actionRef: undefined,
    worker: undefined,
    before: undefined,
    limit: 51,
  };
  const statuses = ['requested', 'scheduled', 'running', 'canceling'] as const;
  const filters: readonly ExecutionFilter[] = [
    { ...everything, statuses },
    { ...everything, statuses, actionRef: 'p.a' },
    { ...everything, statuses, worker: workerId(1) },
    { ...everything, statuses: ['running'], before: executionId(50_000) },
    { ...everything, statuses: ['failed', 'timeout'] },
  ];
  const read: (readonly number[])[] = [];
  const oldest: number[] = [];
  for (const count of [1000, 9000, 90_000]) {
    await addExecutions(sql, count);
    const ofEach: number[] = [];
    for (const filter of filters) ofEach.push(await counted.buffers(() => listExecutions(caller, filter)));
    await sql`UPDATE execution SET result = '{}' WHERE id > (SELECT max(id) - 3 FROM execution)`;
    const prunes = prune.bind(undefined, caller, 'results', { days: undefined, count: 1 }, 1);
    oldest.push(await counted.buffers(async () => expect(await prunes()).toBe(1)));
    read.push(ofEach);
  }
  expect([read, read.flat().every((one) => one <= 70)]).toEqual([read, true]);
  expect([oldest, oldest.every((one) => one <= 200)]).toEqual([oldest, true]);
  const page = await counted.buffers(() => listExecutions(caller, { ...everything, worker: workerId(1) }));
  expect([page, page < 1000]).toEqual([page, true]);
  await sql.end();
});

/* The server stopped a list of 500 results of a megabyte, because it took longer than a statement may. */
test('a list with results reads those that it shows, however large the others are', async () => {
  const { sql, counted, caller } = await open();
  await sql`ALTER TABLE execution DISABLE TRIGGER USER`;
  const all = { statuses: undefined, actionRef: undefined, worker: undefined, before: undefined, limit: 500 };
  const seen: (readonly [shown: number, buffers: number])[] = [];
  for (const count of [10, 90]) {
    await sql`
      INSERT INTO execution (action_ref, status, result)
      SELECT 'p.a', 'completed', jsonb_build_object('n', n, 'data', (
        SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 1600) m))
      FROM generate_series(1, ${count}::int) n`;
    await sql`VACUUM ANALYZE execution`;
    const { executions, hasMore } = await listExecutions(caller, all);
    expect(hasMore).toBe(true);
    seen.push([executions.length, await counted.buffers(() => listExecutions(caller, all))]);
  }
  expect([seen, seen.every(([shown, buffers]) => shown === 5 && buffers <= 400)]).toEqual([seen, true]);
  await sql.end();
});

test('to look for what was lost costs a few buffers, whatever workers have been silent for long', async () => {
  const { sql, counted, caller } = await open();
  const read: number[] = [];
  for (const until of [100, 1000, 10_000]) {
    await sql`
      INSERT INTO worker (name, worker_type, status, last_heartbeat, lease_expires_at, meta)
      SELECT 'w' || n, 'container', 'active', now(), now() - interval '1 day', '{"instance": "i"}'
      FROM generate_series((SELECT count(*) + 1 FROM worker), ${until}::int) n`;
    await sql`VACUUM ANALYZE worker`;
    read.push(await counted.buffers(() => recoverLost(caller, 100)));
  }
  expect([read, read.every((one) => one <= 60)]).toEqual([read, true]);
  await sql.end();
});

test('a follower costs the same at the beginning, in the middle and at the end of a log of any length', async () => {
  const { sql, counted, caller } = await open();
  await sql`INSERT INTO execution (id, action_ref, status) VALUES (1, 'p.a', 'running')`;
  const read: number[] = [];
  for (const until of [500, 4000, 16_000]) {
    await sql`
      INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data)
      SELECT 1, 1, CASE n % 2 WHEN 0 THEN 'stdout' ELSE 'stderr' END, n, n, 'x'
      FROM generate_series((SELECT count(*) FROM execution_log), ${until}::int - 1) n`;
    await sql`VACUUM ANALYZE execution_log`;
    for (const seq of [-1, until / 2, until - 1]) {
      const place = { execution: executionId(1), attempt: seq < 0 ? 0 : 1, seq };
      read.push(await counted.buffers(() => pollLogs(caller, [place], 16)));
    }
  }
  const pages = await pollLogs(caller, [{ execution: executionId(1), attempt: 1, seq: 99 }], 4);
  expect(pages[0]?.chunks.map((one) => one.seq)).toEqual([100, 101, 102, 103]);
  expect([read, read.every((one) => one <= 60)]).toEqual([read, true]);
  await sql.end();
});

test('a claim reads the keys of its action and pack among a hundred thousand', async () => {
  const { sql, counted, caller } = await open();
  const session = { worker: workerId(1), instance: 'i' };
  await sql`
    INSERT INTO worker (id, name, worker_type, status, meta) VALUES (1, 'w', 'container', 'active', '{"instance": "i"}')`;
  await sql`INSERT INTO pack (id, ref, label, version) VALUES (1, 'p', 'p', '1')`;
  await sql`
    INSERT INTO action (id, ref, pack, pack_ref, label, entrypoint, param_schema)
    VALUES (1, 'p.a', 1, 'p', 'a', 'a', '{"properties": {"s7": {"secret": true}}}')`;
  await sql`INSERT INTO execution (id, action, action_ref, status, worker) VALUES (1, 1, 'p.a', 'scheduled', 1)`;
  await sql`
    INSERT INTO key (ref, owner_type, owner_action_ref, owner_pack_ref, name, encrypted, value)
    VALUES ('mine', 'action', 'p.a', NULL, 'k', false, '1'), ('ours', 'pack', NULL, 'p', 'l', false, '2')`;
  const read: number[] = [];
  for (const count of [300, 3000, 30_000]) {
    await sql`
      INSERT INTO key (ref, owner_type, owner_action_ref, owner_pack_ref, name, encrypted, value)
      SELECT ${count}::int || t || n, t, 'p.a' || n, 'q' || n, 's' || n, false, '0'
      FROM generate_series(1, ${count}::int) n, unnest('{action,pack,system}'::text[]) t`;
    await sql`VACUUM ANALYZE key`;
    const offers = [{ execution: executionId(1), attempt: undefined }];
    read.push(await counted.buffers(() => claim(caller, session, offers, 60_000)));
  }
  const { claimed } = await claim(caller, session, [{ execution: executionId(1), attempt: undefined }], 60_000);
  expect(Object.keys(claimed[0]?.keys ?? {}).toSorted()).toEqual(['k', 'l', 's7']);
  expect([read, read.every((one) => one <= 200)]).toEqual([read, true]);
  await sql.end();
});

test('a worker is forgotten, and an action deleted, without a look at the executions', async () => {
  const { sql } = await open();
  await sql`
    INSERT INTO worker (id, name, worker_type) SELECT n, 'w' || n, 'container' FROM generate_series(1, 10) n`;
  await sql`
    INSERT INTO action (id, ref, pack_ref, label, entrypoint) SELECT n, 'p.a' || n, 'p', 'a', 'a' FROM generate_series(1, 10) n`;
  await sql`ALTER TABLE execution DISABLE TRIGGER USER`;
  await sql`
    INSERT INTO execution (action, action_ref, status, worker, attempt)
    SELECT 1 + n % 2, 'p.a', 'completed', 1 + n % 2, 1 FROM generate_series(1, 50000) n`;
  await sql`INSERT INTO execution_attempt (execution, attempt, worker) SELECT id, 1, worker FROM execution`;
  await sql`ANALYZE`;
  const read = [
    await buffersOf(sql, 'DELETE FROM worker WHERE id = 1', 'once'),
    await buffersOf(sql, 'DELETE FROM action WHERE id = 1', 'once'),
  ];
  expect([read, read.every((one) => one <= 300)]).toEqual([read, true]);
  await sql.end();
});

test('a page of a list costs the same among many, and so do the keys that stand in for parameters', async () => {
  const { sql, counted, caller } = await open();
  await sql`INSERT INTO pack (id, ref, label, version) VALUES (1000000, 'p', 'p', '1')`;
  const works = [
    () => listActions(caller, undefined, { limit: 51 }),
    () => listActions(caller, undefined, { after: 'p.a15', limit: 51 }),
    () => listActions(caller, 'p', { after: 'p.a15', limit: 51 }),
    () => listKeys(caller, { after: 'k15', limit: 51 }),
    () => listPacks(caller, { after: 'q15', limit: 51 }),
    () => listRuntimes(caller, { after: 'r15', limit: 51 }),
    () => listWorkers(caller, 1000, { after: '500', limit: 51 }),
    () => findKeyNames(caller, { actionRef: 'p.a7', packRef: 'p' }, ['token', 'other']),
  ];
  const read: (readonly number[])[] = [];
  for (const [from, to] of [
    [1000, 1999],
    [2000, 19_999],
  ]) {
    const numbers = sql`generate_series(${from ?? 0}::int, ${to ?? 0}::int) AS n`;
    await sql`INSERT INTO action (ref, pack, pack_ref, label, entrypoint) SELECT 'p.a' || n, 1000000, 'p', 'a', 'a' FROM ${numbers}`;
    await sql`
      INSERT INTO key (ref, owner_type, owner_action_ref, name, encrypted, value)
      SELECT 'k' || n, 'action', 'p.a' || n, 'token', false, '1' FROM ${numbers}`;
    await sql`INSERT INTO pack (ref, label, version) SELECT 'q' || n, 'q', '1' FROM ${numbers}`;
    await sql`INSERT INTO runtime (ref, name) SELECT 'r' || n, 'r' FROM ${numbers}`;
    await sql`INSERT INTO worker (name, worker_type) SELECT 'w' || n, 'local' FROM ${numbers}`;
    await sql`VACUUM ANALYZE`;
    const ofEach: number[] = [];
    for (const work of works) ofEach.push(await counted.buffers(work));
    read.push(ofEach);
  }
  expect([read, read.flat().every((one) => one <= 300)]).toEqual([read, true]);
  await sql.end();
});

test('packs that have not changed are saved by one statement, and listed by two scans', async () => {
  const { sql, counted, caller } = await open();
  const packs = Array.from({ length: 60 }, (_, n) => {
    const own = { ...pack, ref: `p${n}` };
    const actions = Array.from({ length: 20 }, (__, k) => action(`a${k}`, { ref: `p${n}.a${k}`, pack: own }));
    return { pack: own, runtimes: [], actions, checksum: 'c' };
  });
  await savePacks(caller, packs);
  expect(await counted.statements(() => savePacks(caller, packs))).toBe(1);
  const [first, ...others] = packs;
  const edited = { ...first, actions: first?.actions.slice(1) ?? [] } as (typeof packs)[number];
  expect(await counted.statements(() => savePacks(caller, [edited, ...others]))).toBeLessThan(15);
  expect((await listPacks(caller))[0]).toMatchObject({ packRef: 'p0', actions: 19 });
  await sql`VACUUM ANALYZE`;
  const read = await counted.buffers(() => listPacks(caller));
  expect([read, read < 200]).toEqual([read, true]);
  await sql.end();
});
