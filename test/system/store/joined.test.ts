import { expect } from 'bun:test';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { joinedIndexes, readIndexState } from '#adapters/store/postgres/joined/indexes.ts';
import { type Migration, migrations } from '#adapters/store/postgres/migrations.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { carryOut, planFor } from '#cli/wiring/migrate-database.ts';
import { registrationRequest } from '#test/contract/samples.ts';
import { join } from '#test/contract/store/fixtures.ts';
import { callAgent } from '#test/support/agent.ts';
import { describeSchema } from '#test/support/describe-schema.ts';
import { type JoinedDatabase, openAttuneDatabase } from '#test/support/joined/database.ts';
import { makeJoinedSchema } from '#test/support/joined/schema.ts';
import { seedJoined } from '#test/support/joined/seed.ts';
import { openJoinedStore } from '#test/support/joined/store.ts';
import { openSql } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';

const server = sharedPostgres();

function attune(database: Pick<JoinedDatabase, 'url'>, ...args: readonly string[]) {
  return callAgent([...args], { env: { PATH: '/usr/bin:/bin', ATTUNE__DATABASE__URL: database.url } });
}

/** Migrates as the verb does; throws what it complains about. */
function migrated(database: JoinedDatabase): JoinedDatabase {
  const ran = attune(database, 'migrate');
  if (ran.exitCode !== 0) throw new Error(ran.stderr);
  return database;
}

test('a dry run says whose database it is and what would be added, and changes nothing', async () => {
  await using database = await openAttuneDatabase(server());
  const before = await describeSchema(database.sql);
  const ran = attune(database, 'migrate', '--dry-run');
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ran.stdout).toContain("joined database: that of Attune's Rust control plane, in the schema attune\n");
  expect(await describeSchema(database.sql)).toEqual(before);
  const plan = JSON.parse(attune(database, 'migrate', '--dry-run', '--format', 'json').stdout);
  expect(plan).toMatchObject({ kind: 'joined', schema: 'attune', indexes: joinedIndexes.map(({ name }) => name) });
  migrated(database);
  const added = (await describeSchema(database.sql)).filter((line) => !before.includes(line));
  const tables = added.flatMap((line) => /^table (\w+) r /.exec(line)?.[1] ?? []);
  expect([...plan.tables, 'agent_migration'].toSorted()).toEqual(tables.toSorted());
  const functions = added.flatMap((line) => /^CREATE OR REPLACE FUNCTION attune\.(\w+)/.exec(line)?.[1] ?? []);
  expect(plan.functions.toSorted()).toEqual(functions.toSorted());
  for (const line of added) expect(line).toContain('agent_');
  expect(attune(database, 'migrate', '--dry-run').stdout).toBe(
    "joined database: that of Attune's Rust control plane, in the schema attune\nup to date, at migration 1\n",
  );
  for (const options of [['--dry-run', '--remove'], ['--force']])
    expect(attune(database, 'migrate', ...options)).toMatchObject({ exitCode: 2, stdout: '' });
});

/** The names of all relations, types and functions of the schema. */
async function namesIn(sql: JoinedDatabase['sql']): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'attune'::regnamespace
    UNION SELECT proname FROM pg_proc WHERE pronamespace = 'attune'::regnamespace
    UNION SELECT ltrim(typname, '_') FROM pg_type WHERE typnamespace = 'attune'::regnamespace`;
  return rows.map(({ name }) => name);
}

test('everything that is added has the prefix agent_, nothing that was there is changed, and all of it goes again', async () => {
  await using database = await openAttuneDatabase(server());
  const before = await describeSchema(database.sql);
  const names = await namesIn(database.sql);
  migrated(database);
  const after = await describeSchema(database.sql);
  expect(before.filter((line) => !after.includes(line))).toEqual([]);
  const added = (await namesIn(database.sql)).filter((name) => !names.includes(name));
  expect(added.length).toBeGreaterThan(30);
  expect(added.filter((name) => !name.startsWith('agent_'))).toEqual([]);
  expect(attune(database, 'migrate').stdout).toContain('up to date, at migration 1\n');
  const removed = attune(database, 'migrate', '--remove');
  expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(removed.stdout).toContain('agent_outbox');
  expect(await describeSchema(database.sql)).toEqual(before);
  expect(attune(database, 'migrate', '--remove').stdout).toBe('nothing of attune-agent is in this database\n');
  migrated(database);
  expect(await describeSchema(database.sql)).toEqual(after);
});

test('indexes on their tables are made while others write, and one that was left invalid is made again', async () => {
  await using database = await openAttuneDatabase(server());
  const { sql } = database;
  for (const { name, on } of joinedIndexes) await sql.unsafe(`CREATE INDEX ${name} ON attune.${on}`);
  await sql`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'attune.agent_execution_by_worker'::regclass`;
  const plan = JSON.parse(attune(database, 'migrate', '--dry-run', '--format', 'json').stdout);
  expect(plan.indexes).toEqual(['agent_execution_by_worker']);
  migrated(database);
  for (const { name } of joinedIndexes) expect(await readIndexState(sql, 'attune', name)).toBe('valid');
});

test('what a version before has left of an unfinished migration is named, and --remove takes it out', async () => {
  await using database = await openAttuneDatabase(server());
  const before = await describeSchema(database.sql);
  await database.sql.begin(async (sql) => {
    await sql`SET LOCAL search_path = attune, public`;
    await sql`CREATE TABLE agent_migration (number INTEGER PRIMARY KEY, name TEXT, checksum TEXT, applied_at TIMESTAMPTZ)`;
    for (const { number, name, sql: text } of migrations.slice(0, 7) satisfies readonly Migration[]) {
      await sql.unsafe(text);
      await sql`INSERT INTO agent_migration (number, name, checksum) VALUES (${number}, ${name}, '')`;
    }
  });
  const refused = attune(database, 'migrate');
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/attune-agent\S* migrate --remove/) });
  expect(attune(database, 'migrate', '--remove').exitCode).toBe(0);
  expect(await describeSchema(database.sql)).toEqual(before);
  migrated(database);
});

test('the other order is refused: an own database stays one, and says what the migrations of Attune have met', async () => {
  const url = await server().createDatabase();
  expect(attune({ url }, 'migrate').stdout).toStartWith('own database: made by attune-agent, in the schema attune\n');
  const sql = openSql(url);
  await sql.unsafe("CREATE TYPE attune.execution_status_enum AS ENUM ('requested')");
  for (const args of [['migrate'], ['migrate', '--dry-run']])
    expect(attune({ url }, ...args)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('an empty database'),
    });
  expect(attune({ url }, 'migrate', '--remove')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('own') });
  await sql.end();
});

test('tables of somebody else in the schema attune are named, and nothing is made beside them', async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await sql.unsafe(
    'CREATE SCHEMA attune; CREATE TABLE attune.pack (id BIGSERIAL PRIMARY KEY, ref TEXT UNIQUE, theirs TEXT)',
  );
  const ran = attune({ url }, 'migrate');
  expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('did not make: pack.') });
  expect([...(await sql`SELECT tablename FROM pg_tables WHERE schemaname = 'attune'`)]).toEqual([
    { tablename: 'pack' },
  ]);
  await sql.end();
});

test('a worker says what to run, and the control plane is refused, in a database of Attune', async () => {
  await using database = await openAttuneDatabase(server());
  const servers = { ATTUNE__DATABASE__URL: database.url, ATTUNE__MESSAGE_QUEUE__URL: 'amqp://127.0.0.1:1' };
  const call = (...args: readonly string[]) => callAgent([...args], { env: { PATH: '/usr/bin:/bin', ...servers } });
  expect(call()).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/run \S*attune-agent\S* migrate/) });
  expect(call().stderr).toContain("that of Attune's Rust control plane");
  for (const args of [['server'], ['token', 'list']]) {
    const refused = call(...args);
    expect(refused).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('API and executor') });
  }
  const examined = () => JSON.parse(call('doctor', '--only', 'database', '--format', 'json').stdout).findings[0];
  expect(examined()).toMatchObject({ state: 'failure', what: expect.stringContaining('run attune-agent migrate') });
  migrated(database);
  expect(examined()).toMatchObject({ state: 'ok', what: expect.stringContaining("Attune's Rust control plane") });
});

test('nothing is removed while a worker is alive or a message waits, unless it is forced', async () => {
  await using database = await openAttuneDatabase(server());
  migrated(database);
  await using store = openJoinedStore(database);
  const session = await join(store);
  const refused = attune(database, 'migrate', '--remove');
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('workers of attune-agent are alive: w1'),
  });
  await store.deregister(session);
  await database.sql`INSERT INTO agent_migration (number, name, checksum) VALUES (99, 'later', '')`;
  expect(attune(database, 'migrate', '--remove').stderr).toContain('let that version take it out');
  await database.sql`DELETE FROM agent_migration WHERE number = 99`;
  await database.sql`INSERT INTO agent_outbox (exchange, routing_key, message) VALUES ('e', 'k', '{}')`;
  expect(attune(database, 'migrate', '--remove').stderr).toContain('1 messages are not published yet');
  expect(attune(database, 'migrate', '--remove', '--force').exitCode).toBe(0);
});

test('tables in the schema public are joined as well, by their owner whoever migrates', async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await sql.unsafe(
    'DROP ROLE IF EXISTS attune_app; CREATE ROLE attune_app LOGIN; ALTER SCHEMA public OWNER TO attune_app; SET ROLE attune_app',
  );
  await makeJoinedSchema(sql, 'public');
  await seedJoined(sql);
  await sql`RESET ROLE`;
  await sql.unsafe(
    'DROP ROLE IF EXISTS attune_guest; CREATE ROLE attune_guest LOGIN; GRANT ALL ON SCHEMA public TO attune_guest',
  );
  const asGuest = { url: Object.assign(new URL(url), { username: 'attune_guest' }).href };
  expect(attune(asGuest, 'migrate', '--dry-run').exitCode).toBe(0);
  expect(attune(asGuest, 'migrate').stderr).toContain(
    'the tables belong to attune_app, for whom this user may not act',
  );
  expect([...(await sql`SELECT FROM pg_class WHERE relname LIKE 'agent\\_%'`)]).toEqual([]);
  expect(attune({ url }, 'migrate')).toMatchObject({ exitCode: 0 });
  expect(attune(asGuest, 'migrate', '--remove').exitCode).toBe(1);
  const owners = await sql`
    SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relname LIKE 'agent\\_%'
    UNION SELECT proowner::regrole::text FROM pg_proc WHERE proname LIKE 'agent\\_%'`;
  expect([...owners]).toEqual([{ owner: 'attune_app' }]);
  const store = openPostgresStore(Object.assign(new URL(url), { username: 'attune_app' }).href);
  expect(await store.register(registrationRequest('w1'), 60_000)).toMatchObject({ kind: 'registered' });
  await store[Symbol.asyncDispose]();
  expect(attune({ url }, 'migrate', '--remove', '--force').exitCode).toBe(0);
  await sql.end();
});

test('five at once: everything is made exactly once, and the indexes are valid', async () => {
  await using database = await openAttuneDatabase(server());
  const connections = await Promise.all(Array.from({ length: 5 }, () => openUnnamed(database.url)));
  const runs = await Promise.all(
    connections.map(async (sql) => {
      const planned = await planFor(sql);
      if (!planned.ok) throw new Error(planned.error);
      return await carryOut(sql, planned.value);
    }),
  );
  await Promise.all(connections.map((sql) => sql.end()));
  expect(runs.flatMap((one) => one.migrations.map(({ number }) => number))).toEqual([1]);
  expect(runs.flatMap((one) => one.problems)).toEqual([]);
  for (const { name } of joinedIndexes) expect(await readIndexState(database.sql, 'attune', name)).toBe('valid');
  expect(attune(database, 'migrate').stdout).toContain('up to date');
});
