/** One URL that names several hosts, on real servers. */
import { expect } from 'bun:test';
import postgres from 'postgres';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { withHostParameters } from '#domain/host-parameters.ts';
import { freePort } from '#test/support/free-port.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { startProxy } from '#test/support/tcp-proxy.ts';
import { until } from '#test/support/until.ts';

const server = sharedPostgres();

/** The URL as the agent reads it from its configuration. */
function read(hosts: string, { username, password, pathname }: URL, parameters = ''): string {
  const url = `postgres://${username}${password === '' ? '' : `:${password}`}@${hosts}${pathname}${parameters}`;
  return withHostParameters(url);
}

serversTest(
  'a host that is down or can only be read is passed over, and the next one taken when one goes',
  async () => {
    const own = new URL(await server().createDatabase());
    await using frozen = await startPostgres();
    const other = new URL(await frozen.createDatabase());
    const administrator = postgres(other.href, { max: 1, onnotice: () => {} });
    await administrator.unsafe(`CREATE DATABASE ${own.pathname.slice(1)}`);
    await administrator.unsafe(`ALTER DATABASE ${own.pathname.slice(1)} SET default_transaction_read_only = on`);
    await administrator.end();
    await using first = await startProxy(Number(own.port));
    await using second = await startProxy(Number(own.port));
    const hosts = [`127.0.0.1:${freePort()}`, other.host, `127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`];
    const url = read(hosts.join(','), own, '?target_session_attrs=read-write');

    const sql = await openUnnamed(url);

    await migrate(sql, schema);
    await sql.end();

    await using store = openPostgresStore(url);
    await store.checkWritable();

    first.refuse();
    await until(
      'the other way is taken',
      async () =>
        await store.checkWritable().then(
          () => true,
          () => false,
        ),
      120_000,
    );
  },
);

serversTest('of hosts that can only be read the error says so, and shows no password', async () => {
  const own = new URL(await server().createDatabase());
  own.password = 'hunter2-hunter2';
  const dead = `127.0.0.1:${freePort()}`;
  await using store = openPostgresStore(read(`${dead},${dead}`, own));
  const failure = await store.checkWritable().then(String, String);
  expect(failure).toContain(`database 127.0.0.1,127.0.0.1:`);
  expect(failure).not.toContain('hunter2');
});

serversTest('all of an address may be in its parameters, and those of libpq change nothing', async () => {
  const own = new URL(await server().createDatabase());
  const administrator = postgres(own.href, { max: 1, onnotice: () => {} });
  const name = `${own.pathname.slice(1)}/ü 1`;
  await administrator.unsafe(`CREATE DATABASE "${name}"`);
  const parameters = new URLSearchParams({
    ...{
      host: own.hostname,
      port: own.port,
      user: decodeURIComponent(own.username),
      keepalives: '1',
      gssencmode: 'prefer',
    },
    ...(own.password !== '' && { password: decodeURIComponent(own.password) }),
  });
  const sql = await openUnnamed(withHostParameters(`postgres:///${encodeURIComponent(name)}?${parameters}`));
  const [row] = await sql`SELECT current_database()::text AS name`;
  expect(row).toEqual({ name });
  await sql.end();
  await administrator.unsafe(`DROP DATABASE "${name}" WITH (FORCE)`);
  await administrator.end();
});
