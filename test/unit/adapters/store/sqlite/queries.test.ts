import { afterAll, expect, test } from 'bun:test';
import { openSqlite } from '#adapters/store/sqlite/open.ts';
import { listArtifacts } from '#adapters/store/sqlite/queries/artifacts.ts';
import { listExecutions } from '#adapters/store/sqlite/queries/list-executions.ts';
import { lastBeyond } from '#adapters/store/sqlite/queries/prune.ts';
import { executionId } from '#domain/ids.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const ROWS = 45_000;
const directory = temporaryDirectory();
const sqlite = openSqlite(`${directory.path}/a.db`, () => 0);

afterAll(() => {
  sqlite.database.close();
  directory[Symbol.dispose]();
});

function fill(insert: string, count = ROWS): void {
  sqlite.database.run(
    `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${count}) ${insert}`,
  );
}

/** How SQLite answers the statements of a call, in its own words. */
function plansOf(call: () => unknown): readonly string[] {
  const { database } = sqlite;
  const statements: [string, unknown[]][] = [];
  const recording = new Proxy(database, {
    get: (target, name) => {
      if (name !== 'query') return Reflect.get(target, name, target);
      return (sql: string) => {
        const statement = target.query(sql);
        const record =
          (method: 'all' | 'get') =>
          (...values: never[]): unknown => {
            statements.push([sql, values]);
            return statement[method](...values);
          };
        return { all: record('all'), get: record('get') };
      };
    },
  });
  Object.assign(sqlite, { database: recording });
  call();
  Object.assign(sqlite, { database });
  return statements.flatMap(([sql, values]) =>
    database
      .query<{ detail: string }, never[]>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(values as never[]))
      .map(({ detail }) => detail),
  );
}

test('the last of what is beyond a number is found in steps, each of which counts so many', () => {
  fill("INSERT INTO audit_log (at, actor, action, subject, status) SELECT 0, 'a', 'POST /x', 'y', 200 FROM n");
  for (const [count, last, steps] of [
    [undefined, 0, 0],
    [1, ROWS - 1, 1],
    [20_000, ROWS - 20_000, 1],
    [20_001, ROWS - 20_001, 2],
    [ROWS - 1, 1, 3],
    [ROWS, 0, 3],
    [1_000_000, 0, 2],
  ] as const) {
    const counting = lastBeyond(sqlite, 'audit', count);
    let taken = 0;
    let step = counting.next();
    for (; !step.done; step = counting.next()) taken++;
    expect([count, step.value, taken]).toEqual([count, last, steps]);
  }
});

test('no list of a few looks at all rows', () => {
  fill("INSERT INTO artifact (id, ref, name, created, updated) SELECT id, 'a.b/' || id, id, 0, 0 FROM n", 10);
  fill(`INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, created)
    SELECT id % 10 + 1, id, 1, 'c', 'p', 0 FROM n`);
  const nothing = { execution: undefined, ref: undefined, before: undefined, limit: 10, confinedTo: undefined };
  const any = { limit: 10, actionRef: undefined, worker: undefined, before: undefined };
  const calls = {
    'artifacts of an execution': () => listArtifacts(sqlite, { ...nothing, execution: executionId('5') }),
    'versions of an artifact': () => listArtifacts(sqlite, { ...nothing, ref: 'a.b/5', before: '300' }),
    'a search of executions': () => listExecutions(sqlite, { ...any, isLean: true, text: 'x', statuses: ['failed'] }),
  };
  for (const [what, call] of Object.entries(calls)) {
    const plans = plansOf(call);
    expect(plans.length, what).toBeGreaterThan(0);
    expect(
      plans.filter((one) => /^SCAN (execution|artifact|v\b)|TEMP B-TREE/.test(one)),
      what,
    ).toEqual([]);
  }
  expect(
    listArtifacts(sqlite, { ...nothing, ref: 'a.b/5', before: '300' })
      .map(({ id }) => id)
      .slice(0, 2),
  ).toEqual(['294', '284']);
});
