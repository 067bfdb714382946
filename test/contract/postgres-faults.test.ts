import { expect } from 'bun:test';
import postgres from 'postgres';
import { askDatabase } from '#adapters/store/postgres/ask.ts';
import { openSessions, openUnnamed } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { executionId } from '#domain/ids.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { setOddDefaults } from '#test/support/odd-defaults.ts';
import { schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';
import { action, firstWorker, pack, registrationRequest } from './samples.ts';
import { settingsContract } from './store/contract.ts';
import { bounds, completed, join, submit } from './store/fixtures.ts';

const server = sharedPostgres();

interface World extends AsyncDisposable {
  readonly sql: postgres.Sql;
  readonly store: ReturnType<typeof openPostgresStore>;
  readonly url: string;
  readonly name: string;
}

async function open(): Promise<World> {
  const url = await server().createDatabase();
  const migrating = await openUnnamed(url);
  await migrate(migrating, schema);
  await migrating.end();
  const sql = postgres(url, { max: 2, onnotice: () => {}, connection: { search_path: 'attune' } });
  const store = openPostgresStore(url);
  return {
    sql,
    store,
    url,
    name: new URL(url).pathname.slice(1),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await sql.end({ timeout: 1 });
    },
  };
}

/** The error that a call of the store ends with. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Holds a lock on a table until it is released. */
async function lock(sql: postgres.Sql, table: string): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = sql.begin(async (transaction) => {
    await transaction.unsafe(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  return async () => {
    release.resolve();
    await holding;
  };
}

const session = { worker: '1', instance: 'none' } as unknown as Parameters<World['store']['heartbeat']>[0];

const cutShort = {
  'an error': '1 / (3 - n)',
  'the end of the session': 'CASE WHEN n = 3 THEN pg_terminate_backend(pg_backend_pid()) END',
};

for (const [what, expression] of Object.entries(cutShort))
  serversTest(`rows that came before ${what} are no part of the next answer`, async () => {
    const sql = openSessions(await server().createDatabase(), { connections: 1, parameters: {} });
    expect(await failureOf(sql.unsafe(`SELECT ${expression} AS x FROM generate_series(1, 3) n`))).toBeInstanceOf(Error);
    const [first, ...others] = await sql`SELECT 7 AS x`;
    expect([first, others]).toEqual([{ x: 7 }, []]);
    await sql.end();
  });

serversTest('a statement that waits for a lock may pass, and leaves nothing behind at the server', async () => {
  await using world = await open();
  const release = await lock(world.sql, 'action');
  const failures = await Promise.all([1, 2].map(() => failureOf(world.store.listActions())));
  for (const one of failures) expect(one).toBeInstanceOf(Unavailable);
  expect(String(failures[0])).toContain('a lock that it needs is held by another transaction');
  const waiting = await world.sql`
    SELECT pid FROM pg_stat_activity
    WHERE datname = ${world.name} AND application_name = 'attune-agent' AND wait_event_type = 'Lock'`;
  expect(waiting).toHaveLength(0);
  await release();
  expect(await world.store.listActions()).toEqual([]);
});

serversTest('a report that waits for a lock does not hold up a heartbeat', async () => {
  await using world = await open();
  const release = await lock(world.sql, 'action');
  let isReported = false;
  const report = world.store.listActions().finally(() => {
    isReported = true;
  });
  report.catch(() => {});
  expect(await world.store.heartbeat(session, 1000)).toMatchObject({ kind: 'replaced' });
  expect(isReported).toBe(false);
  await release();
  expect(await report).toEqual([]);
});

serversTest('sessions that were opened while the database could only be read are replaced', async () => {
  await using world = await open();
  await world.sql.unsafe(`ALTER DATABASE ${world.name} SET default_transaction_read_only = on`);
  const write = (): Promise<unknown> => world.store.keepLogs(1);
  const failure = await failureOf(write());
  expect(failure).toBeInstanceOf(Unavailable);
  expect(String(failure)).toContain('it refuses writes');
  await world.sql.unsafe(
    `SET default_transaction_read_only = off; ALTER DATABASE ${world.name} RESET default_transaction_read_only`,
  );
  await write();
});

serversTest('a database that can only be read is not writable, and is when it can be written to again', async () => {
  await using world = await open();
  await world.store.checkWritable();
  await world.sql.unsafe(`ALTER DATABASE ${world.name} SET default_transaction_read_only = on`);
  await using fresh = openPostgresStore(world.url);
  expect(String(await failureOf(fresh.checkWritable()))).toContain('it refuses writes');
  expect(String(await failureOf(askDatabase(world.url)))).toContain('it refuses writes');
  await world.sql.unsafe(
    `SET default_transaction_read_only = off; ALTER DATABASE ${world.name} RESET default_transaction_read_only`,
  );
  await fresh.checkWritable();
});

serversTest('sessions that were opened while their role had no rights are replaced when it has them', async () => {
  await using world = await open();
  const [group, member] = ['group', 'member'].map((one) => `${one}_${crypto.randomUUID().replaceAll('-', '')}`);
  await world.sql.unsafe(`
    CREATE ROLE ${group}; CREATE ROLE ${member} LOGIN;
    GRANT USAGE ON SCHEMA attune TO ${group}; GRANT SELECT ON ALL TABLES IN SCHEMA attune TO ${group}`);
  await using store = openPostgresStore(Object.assign(new URL(world.url), { username: member }).href);
  expect(await failureOf(store.listActions())).toBeInstanceOf(Unavailable);
  await world.sql.unsafe(`GRANT ${group} TO ${member}`);
  await until('its rights are seen', async () => (await failureOf(store.listActions())) === undefined);
  await world.sql.unsafe(`DROP OWNED BY ${group}; DROP ROLE ${group}, ${member}`);
});

serversTest(
  'a database in which its login may not request executions is not writable, and is when it may again',
  async () => {
    await using world = await open();
    const login = `login_${crypto.randomUUID().replaceAll('-', '')}`;
    await world.sql.unsafe(`
    CREATE ROLE ${login} LOGIN; GRANT USAGE ON SCHEMA attune TO ${login};
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA attune TO ${login};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA attune TO ${login}`);
    await using store = openPostgresStore(Object.assign(new URL(world.url), { username: login }).href);
    await store.checkWritable();
    for (const right of ['INSERT', 'UPDATE']) {
      await world.sql.unsafe(`REVOKE ${right} ON execution FROM ${login}`);
      expect(String(await failureOf(store.checkWritable()))).toContain('the user lacks a privilege');
      await world.sql.unsafe(`GRANT ${right} ON execution TO ${login}`);
      await store.checkWritable();
    }
    await world.sql.unsafe(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
  },
);

settingsContract(
  (title, body) => serversTest(`whatever defaults a database has for its sessions: ${title}`, body),
  async () => {
    const url = await server().createDatabase();
    await setOddDefaults(url);
    const sql = await openUnnamed(url);
    await migrate(sql, schema);
    await sql.end();
    return openPostgresStore(url);
  },
);

serversTest('a database is reached by a Unix socket', async () => {
  await using world = await open();
  const [row] = await world.sql`SHOW unix_socket_directories`;
  const address = new URL(world.url);
  address.hostname = 'localhost';
  address.searchParams.set('host', String(row?.['unix_socket_directories']));
  await using store = openPostgresStore(address.href);
  expect(await store.listActions()).toEqual([]);
  const peers = await world.sql`
    SELECT client_addr FROM pg_stat_activity
    WHERE datname = ${world.name} AND application_name = 'attune-agent' AND client_addr IS NULL`;
  expect(peers.length).toBeGreaterThan(0);
});

serversTest('a table that a migration has taken away for a moment is waited for', async () => {
  await using world = await open();
  expect(await world.store.listActions()).toEqual([]);
  await world.sql.unsafe('ALTER TABLE action RENAME TO moved');
  expect(await failureOf(world.store.listActions())).toBeInstanceOf(Unavailable);
  await world.sql.unsafe('ALTER TABLE moved RENAME TO action');
  expect(await world.store.listActions()).toEqual([]);
});

serversTest('what loops ask for is waited for, whatever the database says', async () => {
  await using world = await open();
  await world.sql.unsafe(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON worker
      FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    CREATE TRIGGER refuse BEFORE UPDATE ON execution FOR EACH STATEMENT EXECUTE FUNCTION refuse();`);
  const { store } = world;
  const loops: Readonly<Record<string, () => Promise<unknown>>> = {
    register: () => store.register(registrationRequest('w1'), 1000),
    heartbeat: () => store.heartbeat(session, 1000),
    claim: () => store.claim(session, [], 1000),
    unpublished: () => store.unpublished(10, 0, 0),
    forget: () => store.forget(['1']),
    takeBack: () => store.takeBack({ leaseMs: 1, olderThanMs: 1 }),
    recoverLost: () => store.recoverLost(10),
    dispatchAgain: () => store.dispatchAgain(1),
    forgetWorkers: () => store.forgetWorkers(1),
    beginDrain: () => store.beginDrain(session),
    deregister: () => store.deregister(session),
  };
  for (const [name, call] of Object.entries(loops)) {
    const why = await failureOf(call());
    expect([name, why instanceof Unavailable]).toEqual([name, true]);
    expect(String(why)).toContain('not today');
  }
});

serversTest('lines of a log are waited for while a trigger of somebody else raises, and no result is', async () => {
  await using world = await open();
  await world.sql.unsafe(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON execution_log FOR EACH STATEMENT EXECUTE FUNCTION refuse();
    CREATE TRIGGER refuse BEFORE UPDATE ON execution FOR EACH STATEMENT EXECUTE FUNCTION refuse();`);
  const fence = { ...session, execution: executionId(1), attempt: 1 };
  const chunk = { ...fence, stream: 'stdout', seq: 0, offset: 0, at: 0, data: Buffer.from('a line') } as const;
  const append = () => failureOf(world.store.appendLogs([chunk]));
  const raised = await append();
  expect([raised instanceof Unavailable, String(raised)]).toEqual([true, expect.stringContaining('not today')]);
  const settled = await failureOf(world.store.settle([{ ...fence, verdict: completed }]));
  expect([settled instanceof Unavailable, String(settled)]).toEqual([false, expect.stringContaining('not today')]);
  await world.sql`DROP TRIGGER refuse ON execution_log`;
  expect(await append()).toBeUndefined();
});

serversTest('an execution whose row somebody holds keeps no other one from being scheduled', async () => {
  await using world = await open();
  const { sql, store } = world;
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  await join(store);
  const [held, free] = await submit(store, 'demo.echo', 2);
  const isHeld = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = sql.begin(async (transaction) => {
    await transaction`SELECT FROM execution WHERE id = ${held ?? ''} FOR UPDATE`;
    isHeld.resolve();
    await release.promise;
  });
  await isHeld.promise;
  expect((await store.schedule(bounds, firstWorker))?.dispatched).toBe(1);
  const statuses = async () =>
    await Promise.all([held, free].map(async (one) => one && (await store.readExecution(one))?.status));
  expect(await statuses()).toEqual(['requested', 'scheduled']);
  release.resolve();
  await holding;
  expect((await store.schedule(bounds, firstWorker))?.dispatched).toBe(1);
  expect(await statuses()).toEqual(['scheduled', 'scheduled']);
});
