/** A server by a pooler and a worker by a socket: what a whole Attune says of its servers' troubles. */
import { expect } from 'bun:test';
import postgres from 'postgres';
import { callAgent } from '#test/support/agent.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { freePort } from '#test/support/free-port.ts';
import { startPgBouncer } from '#test/support/pgbouncer.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { eventually, until } from '#test/support/until.ts';

const PATIENCE_MS = 180_000;

test('by PgBouncer, several hosts and a socket it works, and says when the database is read-only and the broker has an alarm', async () => {
  await using cluster = await startCluster({ actions: { hi: { script: 'echo hi' } } });
  const url = cluster.env['ATTUNE__DATABASE__URL'] ?? '';
  await using pooler = await startPgBouncer(new URL(url).port, ['attune']);
  const pooled = pooler.by(url);
  const migrated = callAgent(['migrate'], { env: { ...cluster.env, ATTUNE__DATABASE__URL: pooled } });
  expect(migrated.exitCode, migrated.stderr).toBe(0);
  const firstIsDead = pooled.replace('@127.0.0.1', `@127.0.0.1:${freePort()},127.0.0.1`);
  cluster.startServer({ ATTUNE__DATABASE__URL: firstIsDead });
  await cluster.answers();
  cluster.startWorker('socket', { ATTUNE__DATABASE__URL: await bySocket(cluster, url) });
  await cluster.reaches(await cluster.submit('hi'), 'completed');

  const changes = { 'SET default_transaction_read_only = on': /^503 .*read-only/s, 'RESET ALL': /^200/ };
  for (const [change, what] of Object.entries(changes)) {
    await using database = await alterDatabase(url, change);
    await says(cluster, what, database.endOlderSessions);
  }

  const { power } = cluster.broker;
  if (power === undefined) return;
  await power.control('set_vm_memory_high_watermark', '0.00001');
  await says(cluster, /alarm/);
  const metrics = async (): Promise<string> => await (await cluster.api('../../metrics')).text();
  await eventually('the metrics say it', metrics, (text) => /^attune_broker_ready\S* 0$/m.test(text));
  await power.control('set_vm_memory_high_watermark', '0.4');
  await says(cluster, /^200/);
  const again = await eventually(
    'it is taken',
    () => cluster.submit('hi').catch(() => undefined),
    (id) => id !== undefined,
  );
  await cluster.reaches(again ?? 0, 'completed');
});

async function bySocket({ sql }: Cluster, url: string): Promise<string> {
  const [row] = await sql<{ unix_socket_directories: string }[]>`SHOW unix_socket_directories`;
  const address = new URL(url);
  address.searchParams.set('host', row?.unix_socket_directories ?? '');
  return address.href;
}

/** Waits until /readyz says it; `before` is done before each look. */
async function says({ url }: Cluster, what: RegExp, before = async (): Promise<void> => {}): Promise<void> {
  let last = '';
  const isSaid = async (): Promise<boolean> => {
    await before();
    const answer = await fetch(`${url}/readyz`);
    last = `${answer.status} ${await answer.text()}`;
    return what.test(last);
  };
  await until(`/readyz says ${what}`, isSaid, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`${error}; it said ${last}`, { cause: error });
  });
}

interface Altered extends AsyncDisposable {
  endOlderSessions(): Promise<void>;
}

/**
 * Changes a setting of the database. Sessions keep what held when they began, and one that is just beginning is in no list
 * yet: so the older ones are to be ended again and again, over a connection of its own, because those of the test end too.
 */
async function alterDatabase(url: string, change: string): Promise<Altered> {
  const database = new URL(url).pathname.slice(1);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`SET default_transaction_read_only = off`;
  await sql.unsafe(`ALTER DATABASE ${database} ${change}`);
  const [row] = await sql<{ changed: string }[]>`SELECT clock_timestamp()::text AS changed`;
  return {
    endOlderSessions: async () => {
      await sql`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = ${database} AND pid != pg_backend_pid() AND backend_start <= ${row?.changed ?? ''}::text::timestamptz`;
    },
    [Symbol.asyncDispose]: async () => await sql.end(),
  };
}
