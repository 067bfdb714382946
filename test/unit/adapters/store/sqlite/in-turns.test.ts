import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { executionId } from '#domain/ids.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const DAY = 86_400_000;
const EXECUTIONS = 5000;

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const path = join(directory.path, 'attune.db');
const store = openSqliteStore(path, () => 100 * DAY);
const database = new Database(path);
/* All were requested long ago; the last thousand and nothing else ended long ago; the last three have large results. */
database.run(`
  WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${EXECUTIONS})
  INSERT INTO execution (id, action_ref, status, created, updated, schedule_after, result)
  SELECT id, 'some.action', 'completed', ${DAY}, CASE WHEN id > 4000 THEN ${DAY} ELSE ${99 * DAY} END, id,
    CASE WHEN id > 4997 THEN '{"text":"' || printf('%.800000c', 'x') || '"}' END FROM n`);
database.close();
afterAll(() => store[Symbol.asyncDispose]());

test('what is old is found behind thousands of what has come earlier and ended later', async () => {
  expect(await store.prune('executions', { days: 10, count: undefined }, 200)).toBeGreaterThan(0);
  expect(await store.readExecution(executionId(4000))).toBeDefined();
  expect(await store.readExecution(executionId(4001))).toBeUndefined();
});

test('of large results as many are removed at once as have a megabyte together, and all of them by and by', async () => {
  const removed: number[] = [];
  for (let some = 1; some > 0; ) {
    some = (await store.prune('results', { days: 10, count: undefined }, 200)) ?? 0;
    removed.push(some);
  }
  expect(removed).toEqual([1, 1, 1, 0]);
});
