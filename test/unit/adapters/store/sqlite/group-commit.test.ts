import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { createGroupCommit } from '#adapters/store/sqlite/group-commit.ts';
import { openSqlite } from '#adapters/store/sqlite/open.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

function openTable() {
  const directory = temporaryDirectory();
  const path = `${directory.path}/a.db`;
  const { database } = openSqlite(path, Date.now);
  database.run('CREATE TABLE item (id INTEGER PRIMARY KEY) STRICT');
  const commit = createGroupCommit(database);
  const insert = (id: number): Promise<string> =>
    commit.run(() => {
      database.run('INSERT INTO item VALUES (?)', [id]);
      return `made ${id}`;
    });
  /** What another process sees. */
  const seen = (): readonly number[] => {
    using other = new Database(path, { readonly: true });
    return other
      .query<{ id: number }, []>('SELECT id FROM item ORDER BY id')
      .all()
      .map(({ id }) => id);
  };
  return {
    database,
    commit,
    insert,
    seen,
    [Symbol.asyncDispose]: async () => {
      await commit.idle();
      database.close();
      directory[Symbol.dispose]();
    },
  };
}

test('what is asked for at once is one commit, and is there for others before anybody is answered', async () => {
  await using table = openTable();
  const seenAtAnswer: (readonly number[])[] = [];
  const answers = await Promise.all(
    [1, 2, 3].map((id) =>
      table.insert(id).then((answer) => {
        seenAtAnswer.push(table.seen());
        return answer;
      }),
    ),
  );
  expect(answers).toEqual(['made 1', 'made 2', 'made 3']);
  expect(seenAtAnswer).toEqual([
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('one that fails leaves nothing behind, and the others stay', async () => {
  await using table = openTable();
  await table.insert(2);
  const half = table.commit.run(() => {
    table.database.run('INSERT INTO item VALUES (5)');
    table.database.run('INSERT INTO item VALUES (2)');
  });
  const all = await Promise.allSettled([table.insert(1), half, table.insert(2), table.insert(3)]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(table.seen()).toEqual([1, 2, 3]);
});

test('an error that undoes the whole transaction is the error of its own query alone', async () => {
  await using table = openTable();
  const breaking = table.commit.run(() => {
    table.database.run('INSERT INTO item VALUES (9)');
    table.database.run('ROLLBACK');
    throw new Error('the disk is full');
  });
  const all = await Promise.allSettled([table.insert(1), breaking, table.insert(2)]);
  expect(all).toMatchObject([{ value: 'made 1' }, { status: 'rejected' }, { value: 'made 2' }]);
  expect(table.seen()).toEqual([1, 2]);
});

test('queries that take long have transactions of their own, and are answered with turns for others in between', async () => {
  using directory = temporaryDirectory();
  const { database } = openSqlite(`${directory.path}/a.db`, Date.now);
  const steps: string[] = [];
  let time = 0;
  const pause = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('turn');
  };
  const turns = { now: () => time, pause };
  const commit = createGroupCommit(database, turns);
  const ask = async (name: string, ms: number): Promise<void> => {
    await commit.run(() => {
      steps.push(`query ${name}`);
      time += ms;
    });
    steps.push(`answer ${name}`);
  };
  await Promise.all([ask('a', 1), ask('b', 1), ask('c', 20), ask('d', 30), ask('e', 1)]);
  database.close();
  expect(steps).toEqual([
    ...['turn', 'query a', 'query b', 'query c', 'answer a', 'answer b', 'turn', 'answer c'],
    ...['turn', 'query d', 'turn', 'answer d', 'turn', 'query e', 'answer e'],
  ]);
});
