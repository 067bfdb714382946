import { expect } from 'bun:test';
import postgres from 'postgres';
import { grantRoles, migrate } from '#adapters/store/postgres/migrate.ts';
import { type Migration, migrations } from '#adapters/store/postgres/migrations.ts';
import { callAgent } from '#test/support/agent.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';

const server = sharedPostgres();

interface Opened extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
}

async function open(): Promise<Opened> {
  const url = await server().createDatabase();
  const sql = postgres(url, { max: 2, onnotice: () => {}, connection: { search_path: 'attune,public' } });
  return { url, sql, [Symbol.asyncDispose]: () => sql.end() };
}

/** The columns that protocol.md lists, besides those that every table has. */
const columns: Readonly<Record<string, string>> = {
  pack: 'ref label description version conf_schema config runtime_deps checksum storage_path created updated',
  runtime: 'ref pack pack_ref name aliases distributions installation execution_config auto_detected detection_config',
  runtime_version:
    'runtime runtime_ref version version_major version_minor version_patch execution_config is_default available verified_at',
  worker:
    'name worker_type worker_role runtime host port status capabilities meta last_heartbeat cordoned cordon_reason cordoned_by cordoned_at created updated',
  action:
    'ref pack pack_ref label description entrypoint runtime runtime_version_constraint param_schema out_schema parameter_delivery parameter_format output_format is_adhoc timeout_seconds max_retries required_worker_runtimes worker_selector worker_tolerations worker_affinity',
  execution:
    'action action_ref config env_vars parent enforcement executor worker status result started_at retry_count max_retries retry_reason original_execution created updated',
  execution_claim: 'execution attempt worker claimed_at lease_expires_at',
  execution_log: 'execution attempt stream seq offset data at',
  outbox: 'id',
  key: 'owner_type name encrypted encryption_key_hash value',
  pack_environment: 'env_key status manifest_checksum claimed_by_worker claim_expires_at install_error',
  artifact: 'id',
  artifact_version: 'id',
  execution_secret_value: 'id',
};

/* The first of this file: no other has made the roles yet. */
test('a login that may make no roles migrates all the same, and is told what is missing', async () => {
  await using database = await open();
  await database.sql.unsafe('CREATE ROLE plain LOGIN');
  const name = new URL(database.url).pathname.slice(1);
  await database.sql.unsafe(`ALTER DATABASE ${name} OWNER TO plain`);
  const url = new URL(database.url);
  url.username = 'plain';
  const migrated = callAgent(['migrate'], { env: { ATTUNE__DATABASE__URL: url.href } });
  expect(migrated).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('least-privilege') });
  expect(migrated.stderr).toContain('A login with CREATEROLE that owns the tables can do it');
  expect(migrated.stderr).toContain('permission denied to create role');
});

test('a login that may not use the schema attune makes nothing, in no other schema either', async () => {
  await using database = await open();
  await migrate(database.sql, schema);
  await database.sql.unsafe('CREATE ROLE stranger LOGIN; GRANT CREATE ON SCHEMA public TO stranger');
  const name = new URL(database.url).pathname.slice(1);
  await database.sql.unsafe(`GRANT CREATE ON DATABASE ${name} TO stranger`);
  const url = new URL(database.url);
  url.username = 'stranger';
  const migrated = callAgent(['migrate'], { env: { ATTUNE__DATABASE__URL: url.href } });
  expect(migrated).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('the current schema is public instead of attune, so nothing is made'),
  });
  const strays = await database.sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`;
  expect(strays).toHaveLength(0);
});

test('an empty database gets every table and column of the protocol', async () => {
  await using database = await open();
  const { migrations: applied } = await migrate(database.sql, schema);
  expect(applied.map((one) => one.number)).toEqual(migrations.map((one) => one.number));
  const found = await database.sql<{ table_name: string; column_name: string }[]>`
    SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'attune'`;
  for (const [table, names] of Object.entries(columns)) {
    const there = found.filter((one) => one.table_name === table).map((one) => one.column_name);
    expect({ table, missing: names.split(' ').filter((name) => !there.includes(name)) }).toEqual({
      table,
      missing: [],
    });
  }
});

const nothing = { migrations: [], functions: { kind: 'applied', applied: [], dropped: [] } } as const;

test('a second time there is nothing to do', async () => {
  await using database = await open();
  await migrate(database.sql, schema);
  expect(await migrate(database.sql, schema)).toEqual(nothing);
});

test('five at once: each migration and each function is applied exactly once', async () => {
  await using database = await open();
  const connections = Array.from({ length: 5 }, () =>
    postgres(database.url, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } }),
  );
  const runs = await Promise.all(connections.map((sql) => migrate(sql, schema)));
  const numbers = runs.flatMap((one) => one.migrations.map(({ number }) => number));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(migrations.map((one) => one.number));
  const replaced = runs.flatMap(({ functions }) => (functions.kind === 'applied' ? functions.applied : []));
  expect(replaced.toSorted()).toEqual(schema.functions.map((one) => one.name).toSorted());
  await Promise.all(connections.map((sql) => sql.end()));
});

test('a migration that fails changes nothing, and those before it stay', async () => {
  await using database = await open();
  const broken: Migration = { number: 99, name: 'broken', sql: 'CREATE TABLE half_done (id INT); SELECT 1 / 0;' };
  await expect(migrate(database.sql, { ...schema, migrations: [...migrations, broken] })).rejects.toThrow(
    'division by zero',
  );
  const [table] = await database.sql`SELECT to_regclass('half_done') AS it`;
  expect(table?.['it']).toBeNull();
  expect((await migrate(database.sql, schema)).migrations).toEqual([]);
});

test('a migration that was edited after it was applied is refused', async () => {
  await using database = await open();
  await migrate(database.sql, schema);
  const edited = migrations.map((one) => (one.number === 1 ? { ...one, sql: `${one.sql}\n-- later` } : one));
  await expect(migrate(database.sql, { ...schema, migrations: edited })).rejects.toThrow(
    'migration 1 (attune) was applied in another form',
  );
});

test('a change of status is announced, once', async () => {
  await using database = await open();
  await migrate(database.sql, schema);
  const heard: string[] = [];
  await database.sql.listen('execution_status_changed', (payload) => void heard.push(payload));
  await database.sql`INSERT INTO execution (action_ref) VALUES ('sample.stats')`;
  await database.sql`UPDATE execution SET status = 'scheduling'`;
  await database.sql`UPDATE execution SET status = 'scheduling'`;
  await database.sql`SELECT pg_notify('execution_status_changed', 'end')`;
  await until('the last announcement is heard', () => heard.at(-1) === 'end');
  expect(heard.slice(0, -1).map((one) => JSON.parse(one))).toEqual([
    { execution_id: 1, previous_status: 'requested', new_status: 'scheduling' },
  ]);
});

test('the verb says what it did, and that nothing is left to do', async () => {
  const url = await server().createDatabase();
  const env = { PATH: '/usr/bin:/bin', ATTUNE__DATABASE__URL: url };
  const first = callAgent(['migrate'], { env });
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  const applied = migrations.map(({ number, name }) => `applied ${number} ${name} in \\d+ ms\n`).join('');
  expect(first.stdout).toMatch(
    new RegExp(
      `^own database: .*, in the schema attune\n${applied}applied ${schema.functions.length} SQL functions\ntoken att_\\S{43} \\(admin; shown this once\\)\n$`,
    ),
  );
  expect(callAgent(['migrate'], { env }).stdout).toEndWith(`\nup to date, at migration ${migrations.length}\n`);
  expect(JSON.parse(callAgent(['migrate', '--format', 'json'], { env }).stdout)).toEqual({
    kind: 'own',
    schema: 'attune',
    applied: [],
    functions: nothing.functions,
    indexes: [],
    problems: [],
    for_superuser: [],
  });
});

test('the verb names what is wrong with the database, never the password', async () => {
  const url = new URL(await server().createDatabase());
  const message = (change: Partial<Record<'port' | 'pathname' | 'hostname', string>>): string => {
    const changed = Object.assign(new URL(url), { password: 'hunter2', ...change });
    const ran = callAgent(['migrate'], { env: { PATH: '/usr/bin:/bin', ATTUNE__DATABASE__URL: changed.href } });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).not.toContain('hunter2');
    return ran.stderr;
  };
  expect(message({ port: '1' })).toContain('nobody listens there');
  expect(message({ pathname: '/nope' })).toContain('the database in the URL does not exist');
  expect(message({ hostname: 'no-such-host.invalid' })).toContain('no-such-host.invalid');
});

for (const encoding of ['SQL_ASCII', 'LATIN1'])
  test(`a database in ${encoding} is refused by every verb, which says how to make another`, async () => {
    await using database = await open();
    await using other = await open();
    const name = new URL(database.url).pathname.slice(1);
    await other.sql.unsafe(`DROP DATABASE ${name}`);
    await other.sql.unsafe(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
    const env = {
      PATH: '/usr/bin:/bin',
      ATTUNE__DATABASE__URL: database.url,
      ATTUNE__MESSAGE_QUEUE__URL: 'amqp://127.0.0.1:1',
    };
    const refused = `the encoding of the database is ${encoding}, which cannot hold every text`;
    const mends = 'createdb -E UTF8 --locale=C -T template0 NAME';
    expect(callAgent(['migrate'], { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${refused}: make a database with ${mends}`),
    });
    expect(await database.sql`SELECT FROM pg_namespace WHERE nspname = 'attune'`).toHaveLength(0);
    expect(callAgent(['doctor'], { env }).stdout.replaceAll(/\s+/g, ' ')).toContain(refused);

    /* One that an earlier version has migrated. */
    await migrate(database.sql, schema);
    expect(callAgent(['server', '--port', '0'], { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(refused),
    });
    const worker = callAgent([], { env });
    expect({ ...worker, hasEnded: worker.exitCode !== 0 }).toMatchObject({
      hasEnded: true,
      stderr: expect.stringContaining(refused),
    });
  });

test('the roles of one server are made by four databases at once, and may do there what they should', async () => {
  const databases = await Promise.all([open(), open(), open(), open()]);
  await Promise.all(databases.map((one) => migrate(one.sql, schema)));
  expect(await Promise.all(databases.map((one) => grantRoles(one.sql)))).toEqual([[], [], [], []]);
  const sql = databases[0]?.sql ?? expect.unreachable();
  const may = async (role: string, what: string): Promise<unknown> =>
    (await sql.unsafe(`SELECT ${what.replace('(', `('${role}', `)} AS may`))?.[0]?.['may'];
  expect(await may('attune_readonly', "has_column_privilege('attune.execution', 'config', 'SELECT')")).toBe(true);
  expect(await may('attune_readonly', "has_column_privilege('attune.key', 'name', 'SELECT')")).toBe(true);
  for (const [table, column] of [
    ['key', 'value'],
    ['api_token', 'hash'],
    ['execution_claim', 'token_hash'],
    ['execution_secret_value', 'value'],
  ])
    expect(await may('attune_readonly', `has_column_privilege('attune.${table}', '${column}', 'SELECT')`)).toBe(false);
  expect(await may('attune_readonly', "has_any_column_privilege('attune.worker', 'INSERT, UPDATE')")).toBe(false);
  expect(await may('attune_server', "has_table_privilege('attune.execution', 'INSERT, UPDATE, DELETE')")).toBe(true);
  expect(await may('attune_server', "has_table_privilege('attune.agent_migration', 'UPDATE')")).toBe(false);
  expect(await may('attune_worker', "has_any_column_privilege('attune.execution', 'SELECT')")).toBe(false);
  await sql`GRANT CREATE ON SCHEMA public TO PUBLIC`;
  expect(await grantRoles(sql)).toEqual([expect.stringContaining('REVOKE CREATE ON SCHEMA public')]);
  for (const one of databases) await one[Symbol.asyncDispose]();
});

/** By which any login writes as much as it likes. */
const ways = [
  'SELECT lo_from_bytea(0, $$x$$)',
  'SELECT lo_create(0)',
  'CREATE TEMPORARY TABLE mine (one TEXT)',
  'SELECT pg_logical_emit_message(FALSE, $$a$$, $$b$$)',
];

/** The ways that a worker's login has. */
async function waysOf(sql: postgres.Sql): Promise<readonly string[]> {
  const { found } = await sql.begin(async (transaction) => {
    await transaction`SET LOCAL ROLE attune_worker`;
    const found: string[] = [];
    for (const way of ways)
      await transaction
        .savepoint((inner) => inner.unsafe(way))
        .then(
          () => found.push(way),
          () => {},
        );
    return { found };
  });
  return found;
}

test('ways by which any login fills the disk are closed, or a superuser is told how where others use the database', async () => {
  await using database = await open();
  const { sql, url } = database;
  const run = (...options: string[]): ReturnType<typeof callAgent> =>
    callAgent(['migrate', ...options], { env: { ATTUNE__DATABASE__URL: url } });
  await sql`CREATE TABLE public.of_others (one TEXT)`;
  const told = run();
  expect(told.exitCode).toBe(0);
  expect(await waysOf(sql)).toEqual(ways);
  const statements = told.stderr.split('\n').filter((line) => line.startsWith('  '));
  expect(statements.join('\n')).toMatch(
    /REVOKE EXECUTE ON FUNCTION .*lo_creat\(integer\).* FROM PUBLIC;\n.*REVOKE TEMPORARY/,
  );
  expect(JSON.parse(run('--format', 'json').stdout)).toMatchObject({ for_superuser: { length: statements.length } });
  await sql`DROP TABLE public.of_others`;
  await sql`CREATE ROLE disk_worker LOGIN IN ROLE attune_worker`;
  /* The server has databases of other tests. */
  const others = expect.stringMatching(/^REVOKE CONNECT ON DATABASE .*postgres.* FROM PUBLIC$/);
  expect(JSON.parse(run('--format', 'json').stdout)).toMatchObject({ for_superuser: [others] });
  expect(await waysOf(sql)).toEqual([]);
  const [role] = await sql`SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'disk_worker'::regrole`;
  expect(role?.['setconfig']).toEqual(['temp_file_limit=256MB']);
});

test('no worker fills the disk by way of another database, where others use the server after a superuser has closed it', async () => {
  await using alone = await startPostgres({ isOwn: true });
  const url = await alone.createDatabase();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const migrateJson = (): { for_superuser: string[] } =>
    JSON.parse(callAgent(['migrate', '--format', 'json'], { env: { ATTUNE__DATABASE__URL: url } }).stdout);
  /** What a large object in another database comes to, as a worker. */
  const fill = async (database: string): Promise<string> => {
    const there = Object.assign(new URL(url), { username: 'disk_worker', pathname: `/${database}` });
    const session = postgres(there.href, { max: 1, onnotice: () => {} });
    const filled = await session`SELECT lo_from_bytea(0, 'x')`.then(
      () => 'written',
      (error: Error) => error.message,
    );
    await session.end();
    return filled;
  };
  await sql`CREATE ROLE of_others LOGIN`;
  expect(migrateJson().for_superuser).toEqual([]);
  await sql`CREATE ROLE disk_worker LOGIN IN ROLE attune_worker`;
  expect(await Promise.all(['postgres', 'template1'].map(fill))).toEqual(['written', 'written']);
  const statement = 'REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC';
  expect(migrateJson().for_superuser).toEqual([statement]);
  await sql`DROP ROLE of_others`;
  expect(migrateJson().for_superuser).toEqual([]);
  const refused = expect.stringContaining('permission denied for database');
  expect(await Promise.all(['postgres', 'template1'].map(fill))).toEqual([refused, refused]);
  await sql.end();
});
