import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { executionId } from '#domain/ids.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const EXECUTIONS = 52_000;

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const path = join(directory.path, 'attune.db');
const store = openSqliteStore(path, () => 0);
const database = new Database(path);
database.run(`
  WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${EXECUTIONS})
  INSERT INTO execution (id, action_ref, status, created, updated, schedule_after, requested_by)
  SELECT id, CASE WHEN id IN (10, 30000, 51999) THEN 'rare.action' ELSE 'usual.action' END, CASE id WHEN 20 THEN 'failed' ELSE 'completed' END, id, id, id,
    'execution ' || CASE id % 2 WHEN 0 THEN 7 ELSE 8 END FROM n`);
database.close();
afterAll(() => store[Symbol.asyncDispose]());

const whole = { statuses: undefined, actionRef: undefined, worker: undefined, before: undefined, limit: 50 };
const refs = { ...whole, isLean: true };

test('a search finds what is thousands of executions away, and says where the next one goes on', async () => {
  const first = await store.listExecutions({ ...refs, text: 'rare' });
  expect(first.executions.map((one) => String(one.execution))).toEqual(['51999', '30000']);
  expect(first.next === undefined ? undefined : Number(first.next)).toBe(EXECUTIONS + 1 - 50_000);
  const second = await store.listExecutions({ ...refs, text: 'rare', before: first.next });
  expect(second.executions.map((one) => String(one.execution))).toEqual(['10']);
  expect(second).toMatchObject({ hasMore: false });
});

test('a search ends with a full page, also by pack and by time', async () => {
  const one = await store.listExecutions({ ...refs, limit: 1, packRef: 'rare', before: executionId(40_000) });
  expect(one.executions.map((found) => String(found.execution))).toEqual(['30000']);
  expect(one.hasMore).toBe(true);
  const old = await store.listExecutions({ ...refs, limit: 2, createdBefore: 50_500 });
  expect(old.executions.map((found) => String(found.execution))).toEqual(['50499', '50498']);
});

test('of a search with parameters and results all rows are from one step', async () => {
  const one = await store.listExecutions({ ...whole, packRef: 'rare' });
  expect(one.executions.map((found) => String(found.execution))).toEqual(['51999']);
  const next = await store.listExecutions({ ...whole, packRef: 'rare', before: one.next });
  expect(next.executions.map((found) => String(found.execution))).toEqual(['30000']);
});

test('a list by several conditions finds what is beyond all steps, and none of its steps looks at more than it may', async () => {
  for (const filter of [
    { statuses: ['failed'], actionRef: 'usual.action' },
    { statuses: ['failed', 'timeout'], actionRef: 'usual.action', parent: executionId(7) },
    { statuses: ['failed'], parent: executionId(7) },
  ] as const) {
    const { executions, hasMore } = await store.listExecutions({ ...refs, ...filter });
    expect(executions.map((found) => String(found.execution))).toEqual(['20']);
    expect(hasMore).toBe(false);
  }
  const none = await store.listExecutions({ ...refs, statuses: ['completed'], actionRef: 'usual.action', limit: 3 });
  expect(none.executions.map((found) => String(found.execution))).toEqual(['52000', '51998', '51997']);
  expect(none.hasMore).toBe(true);
  const last = await store.listExecutions({ ...refs, statuses: ['completed'], actionRef: 'rare.action', limit: 3 });
  expect(last.executions).toHaveLength(3);
  expect(last.hasMore).toBe(false);
});

test('the audit log of somebody is found beyond all steps, page by page', async () => {
  const entries = (actor: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ at, actor, token: undefined, address: undefined },
      ...{ action: 'POST /x', subject: `${actor} ${at}`, status: 201 },
    }));
  for (const [actor, count] of [
    ['ada', 2],
    ['bob', 45_000],
    ['ada', 1],
  ] as const)
    await store.saveAudit(entries(actor, count));
  const found = await store.listAudit({ actor: 'ada' }, 2);
  expect(found.map((one) => one.subject)).toEqual(['ada 0', 'ada 1']);
  const rest = await store.listAudit({ actor: 'ada', before: found.at(-1)?.id }, 2);
  expect(rest.map((one) => one.subject)).toEqual(['ada 0']);
  expect((await store.listAudit({}, 3)).map((one) => one.subject)).toEqual(['ada 0', 'bob 44999', 'bob 44998']);
  expect(await store.listAudit({ actor: 'nobody' }, 3)).toEqual([]);
});
