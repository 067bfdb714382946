/** The SQL functions of the database: what `migrate` does to them when a file is new, changed or gone. */
import { expect } from 'bun:test';
import postgres from 'postgres';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import type { SqlFunction } from '#adapters/store/postgres/functions.ts';
import { grantRoles, migrate } from '#adapters/store/postgres/migrate.ts';
import { planMigration } from '#adapters/store/postgres/plan-migration.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { action, pack } from '#test/contract/samples.ts';
import { startOnRunner } from '#test/contract/store/fixtures.ts';
import { describeSchema } from '#test/support/describe-schema.ts';
import { schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';

const server = sharedPostgres();

interface Opened extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
}

async function open(url?: string): Promise<Opened> {
  const address = url ?? (await server().createDatabase());
  const sql = postgres(address, { max: 2, onnotice: () => {}, connection: { search_path: 'attune,public' } });
  return { url: address, sql, [Symbol.asyncDispose]: () => sql.end() };
}

async function migrated(): Promise<Opened> {
  const database = await open();
  await migrate(database.sql, schema);
  expect(await grantRoles(database.sql)).toEqual([]);
  return database;
}

/** As the last release without functions of its own has left it. */
async function migratedBefore(number: number): Promise<Opened> {
  const database = await open();
  const { sql } = database;
  await sql.unsafe(`
    CREATE SCHEMA attune;
    CREATE TABLE attune.agent_migration (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
    )`);
  for (const one of schema.migrations.filter((migration) => migration.number < number)) {
    const checksum = new Bun.CryptoHasher('sha256').update(one.sql).digest('hex');
    await sql.begin(async (transaction) => {
      await transaction.unsafe(one.sql);
      await transaction`INSERT INTO agent_migration (number, name, checksum) VALUES (${one.number}, ${one.name}, ${checksum})`;
    });
  }
  await grantRoles(sql);
  return database;
}

/** The functions, with another text in one of them. */
function edited(name: string, from: string | RegExp, to: string): readonly SqlFunction[] {
  const functions = schema.functions.map((one) => (one.name === name ? { name, sql: one.sql.replace(from, to) } : one));
  expect(functions).not.toEqual([...schema.functions]);
  return functions;
}

interface Present {
  readonly oid: string;
  readonly signature: string;
  readonly owner: string;
  readonly acl: readonly string[];
  readonly isDefiner: boolean;
  readonly config: readonly string[] | null;
}

async function find(sql: postgres.Sql, name: string): Promise<readonly Present[]> {
  return await sql<Present[]>`
    SELECT oid::text, oid::regprocedure::text AS signature, proowner::regrole::text AS owner, proacl::text[] AS acl,
      prosecdef AS "isDefiner", proconfig AS config
    FROM pg_proc WHERE pronamespace = 'attune'::regnamespace AND proname = ${name}`;
}

async function asWorker(url: string): Promise<Opened> {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin.unsafe(
    'DO $$ BEGIN CREATE ROLE functions_worker LOGIN IN ROLE attune_worker; EXCEPTION WHEN duplicate_object THEN END $$',
  );
  await admin.end();
  return await open(Object.assign(new URL(url), { username: 'functions_worker' }).href);
}

const applied = (names: readonly string[], dropped: readonly string[] = []) =>
  ({ kind: 'applied', applied: names, dropped }) as const;

/** The numbers of the migrations of this version, from that one on. */
const numbersFrom = (first: number): number[] =>
  schema.migrations.map(({ number }) => number).filter((number) => number >= first);

test('a new database and one of the release before end in the same schema', async () => {
  await using fresh = await migrated();
  await using upgraded = await migratedBefore(9);
  const before = await find(upgraded.sql, 'agent_append_logs');
  const { migrations, functions } = await migrate(upgraded.sql, schema);
  expect(migrations.map((one) => one.number)).toEqual(numbersFrom(9));
  expect(functions).toEqual(applied(schema.functions.map((one) => one.name)));
  expect(await grantRoles(upgraded.sql)).toEqual([]);
  const config = ['search_path=attune, pg_temp', 'lock_timeout=5s', 'jit=off', 'enable_seqscan=off'];
  expect(await find(upgraded.sql, 'agent_append_logs')).toEqual(before.map((one) => ({ ...one, config })));
  const lines = await describeSchema(fresh.sql);
  expect(lines.length).toBeGreaterThan(200);
  expect(await describeSchema(upgraded.sql)).toEqual([...lines]);
});

test('every function runs with a search path that no worker can write to, waits for a lock for 5 s at most, and nobody may call it unasked', async () => {
  await using database = await migrated();
  const rows = await database.sql<{ name: string; config: string[] | null; isOpen: boolean; isDefiner: boolean }[]>`
    SELECT proname AS name, proconfig AS config, prosecdef AS "isDefiner", has_function_privilege('pg_monitor', oid, 'EXECUTE') AS "isOpen"
    FROM pg_proc WHERE pronamespace = 'attune'::regnamespace AND proname LIKE 'agent\_%'`;
  expect(rows.length).toBe(schema.functions.filter((one) => one.name.startsWith('agent_')).length);
  expect(rows.filter((one) => one.isOpen)).toEqual([]);
  const definers = rows.filter((one) => one.isDefiner);
  expect(definers.length).toBeGreaterThan(10);
  /* And what says how statements are planned. */
  const safe = /^search_path=attune, pg_temp,lock_timeout=5s(,(jit|enable_seqscan|plan_cache_mode)=\w+)*$/;
  expect(definers.filter((one) => !safe.test(one.config?.join() ?? ''))).toEqual([]);
});

test('the order of the functions is the order in which they need each other', async () => {
  await using database = await migrated();
  await database.sql.unsafe(schema.functions.map(({ name }) => `DROP FUNCTION ${name} CASCADE;`).join(''));
  await database.sql`UPDATE agent_function SET checksum = ''`;
  const { functions } = await migrate(database.sql, schema);
  expect(functions).toEqual(applied(schema.functions.map((one) => one.name)));
});

test('a changed body is replaced in place, with its owner and grants, and nothing else is touched', async () => {
  await using database = await migrated();
  await database.sql`GRANT EXECUTE ON FUNCTION agent_forget TO attune_readonly`;
  const before = await find(database.sql, 'agent_forget');
  const times =
    await database.sql`SELECT name, applied_at FROM agent_function WHERE name <> 'agent_forget' ORDER BY name`;
  const functions = edited('agent_forget', 'DELETE FROM outbox', 'DELETE FROM /* changed */ outbox');
  expect((await migrate(database.sql, { ...schema, functions })).functions).toEqual(applied(['agent_forget']));
  expect(await find(database.sql, 'agent_forget')).toEqual([...before]);
  expect([
    ...(await database.sql`SELECT name, applied_at FROM agent_function WHERE name <> 'agent_forget' ORDER BY name`),
  ]).toEqual([...times]);
  expect((await migrate(database.sql, { ...schema, functions })).functions).toEqual(applied([]));
});

test('a function with another signature takes the place of the old one, and agents that know only the old one go on', async () => {
  await using database = await migrated();
  await database.sql`GRANT EXECUTE ON FUNCTION agent_forget TO attune_readonly`;
  const [before] = await find(database.sql, 'agent_forget');
  const functions = edited('agent_forget', 'agent_forget(ids JSON)', 'agent_forget(ids JSON, more INTEGER DEFAULT 0)');
  await migrate(database.sql, { ...schema, functions });
  expect(await find(database.sql, 'agent_forget')).toEqual([
    { ...(before as Present), oid: expect.any(String), signature: 'agent_forget(json,integer)' },
  ]);
  await using worker = await asWorker(database.url);
  await worker.sql`SELECT agent_forget('[]'::json)`;
  await worker.sql`SELECT agent_forget('[]'::json, 1)`;
  expect((await migrate(database.sql, schema)).functions).toEqual(applied(['agent_forget']));
  const again = { ...(before as Present), oid: expect.any(String) };
  expect(await find(database.sql, 'agent_forget')).toEqual([again]);
});

test('a function that returns something else takes the place of the old one, with its owner and grants', async () => {
  await using database = await migrated();
  const [before] = await find(database.sql, 'agent_renew_environment');
  const functions = edited('agent_renew_environment', 'RETURNS BOOLEAN', 'RETURNS TEXT');
  await migrate(database.sql, { ...schema, functions });
  expect(await find(database.sql, 'agent_renew_environment')).toEqual([
    { ...(before as Present), oid: expect.any(String) },
  ]);
});

test('a function whose file is gone is dropped, whoever else has functions here keeps them', async () => {
  await using database = await migrated();
  await database.sql.unsafe('CREATE FUNCTION agent_of_somebody() RETURNS INTEGER LANGUAGE sql AS $$ SELECT 1 $$');
  const functions = schema.functions.filter((one) => one.name !== 'agent_dispatch_message');
  expect((await migrate(database.sql, { ...schema, functions })).functions).toEqual(
    applied([], ['agent_dispatch_message']),
  );
  expect(await find(database.sql, 'agent_dispatch_message')).toEqual([]);
  expect(await find(database.sql, 'agent_of_somebody')).toHaveLength(1);
});

test('an older program leaves the functions of a newer one as they are', async () => {
  await using database = await migrated();
  const functions = edited('agent_forget', 'DELETE FROM outbox', 'DELETE FROM /* newer */ outbox');
  await migrate(database.sql, { ...schema, functions, version: '99.1.0' });
  const before = await describeSchema(database.sql);
  expect((await migrate(database.sql, schema)).functions).toEqual({ kind: 'newer', version: '99.1.0' });
  expect(await describeSchema(database.sql)).toEqual([...before]);
  expect((await migrate(database.sql, { ...schema, version: '99.1.0' })).functions).toEqual(applied(['agent_forget']));
});

test('when one function is wrong, all stay as they were', async () => {
  await using database = await migrated();
  const before = await describeSchema(database.sql);
  const broken = edited('agent_forget', 'DELETE FROM outbox', 'DELETE FROM nowhere');
  const functions = broken.map((one) => (one.name === 'agent_may' ? { ...one, sql: `${one.sql}-- edited\n` } : one));
  await expect(migrate(database.sql, { ...schema, functions })).rejects.toThrow('relation "nowhere" does not exist');
  expect(await describeSchema(database.sql)).toEqual([...before]);
});

test('a new function belongs to the owner of the others, whoever migrates, and waits for its grants', async () => {
  await using database = await open();
  await database.sql.unsafe('CREATE ROLE functions_owner LOGIN');
  const name = new URL(database.url).pathname.slice(1);
  await database.sql.unsafe(`ALTER DATABASE ${name} OWNER TO functions_owner`);
  const url = Object.assign(new URL(database.url), { username: 'functions_owner' });
  await using owner = await open(url.href);
  await migrate(owner.sql, schema);
  const added = {
    name: 'agent_new',
    sql: 'CREATE OR REPLACE FUNCTION agent_new() RETURNS INTEGER LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$',
  };
  await migrate(database.sql, { ...schema, functions: [...schema.functions, added] });
  expect(await find(database.sql, 'agent_new')).toMatchObject([
    { owner: 'functions_owner', acl: ['functions_owner=X/functions_owner'] },
  ]);
  await grantRoles(database.sql);
  await using worker = await asWorker(database.url);
  expect([...(await worker.sql`SELECT agent_new() AS it`)]).toEqual([{ it: 1 }]);
});

test('functions that are not there any more are named by whoever asks for the health, and the next migration makes them', async () => {
  await using database = await migrated();
  const { sql, url } = database;
  await using store = openPostgresStore(url);
  await store.checkWritable();
  await sql.unsafe('ALTER FUNCTION agent_claim RENAME TO agent_claim_before');
  for (const { signature } of await find(sql, 'agent_heartbeat')) await sql.unsafe(`DROP FUNCTION ${signature}`);
  await expect(store.checkWritable()).rejects.toThrow('agent_claim, agent_heartbeat: run attune-agent migrate');
  const planned = await planMigration(sql, schema);
  expect(planned.functions).toEqual(['agent_heartbeat', 'agent_claim']);
  expect(await migrate(database.sql, schema)).toMatchObject({
    functions: { kind: 'applied', applied: ['agent_heartbeat', 'agent_claim'] },
  });
  expect(await grantRoles(sql)).toEqual([]);
  await store.checkWritable();
  expect((await find(sql, 'agent_claim')).map((one) => one.acl.join())).toEqual([
    expect.stringContaining('attune_worker=X'),
  ]);
});

test('who calls a function that is not there is told to migrate', async () => {
  await using database = await migrated();
  const error = await database.sql`SELECT agent_forget('[]'::json, 1)`.catch((failure: unknown) => failure);
  expect(explainDatabaseError(error, database.url)).toContain(
    'its SQL functions are of another version: run attune-agent migrate',
  );
});

test('an agent of the release before keeps its secrets, though it does not say of which attempt they are', async () => {
  await using database = await migrated();
  await using store = openPostgresStore(database.url);
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  const { session, one } = await startOnRunner(store, 'demo.echo');
  const fence = { execution: one.execution, attempt: one.attempt, worker: session.worker, instance: session.instance };
  const settlements = JSON.stringify([{ ...fence, status: 'completed', result: {} }]);
  const secrets = JSON.stringify([{ execution: one.execution, path: 'a', hash: 'h', value: 'v' }]);
  await database.sql`SELECT agent_settle(NULL, ${settlements}::text::json, ${secrets}::text::json, NULL)`;
  expect([...(await database.sql`SELECT path, value FROM execution_secret_value`)]).toEqual([
    { path: 'a', value: 'v' },
  ]);
});
