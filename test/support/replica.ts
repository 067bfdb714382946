/** A primary of PostgreSQL and a replica of it that is not waited for, as failovers find them. */
import postgres from 'postgres';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { startProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

export interface ReplicatedPostgres extends AsyncDisposable {
  /** A database on the primary. */
  readonly primary: string;
  /** The same database on the replica, which can only be read until the failover. */
  readonly replica: string;
  /** The replica gets nothing any more. */
  cut(): void;
  /** Kills the primary and promotes the replica. */
  failOver(): Promise<void>;
}

export async function startPrimaryWithReplica(): Promise<ReplicatedPostgres> {
  await using resources = new AsyncDisposableStack();
  const primary = resources.use(await startPostgres({ isOwn: true }));
  const url = new URL(await primary.createDatabase());
  const proxy = resources.use(await startProxy(Number(url.port)));
  const replica: PostgresServer = resources.use(await startPostgres({ isOwn: true, copyOf: proxy.port }));
  const copy = new URL(replica.url);
  copy.pathname = url.pathname;
  const owned = resources.move();
  return {
    primary: url.href,
    replica: copy.href,
    cut: proxy.refuse,
    failOver: async () => {
      await primary.power?.kill();
      const sql = postgres(copy.href, { max: 1, onnotice: () => {} });
      await sql`SELECT pg_promote()`;
      await until('the replica has become the primary', async () => {
        const [row] = await sql<{ reads: boolean }[]>`SELECT pg_is_in_recovery() AS reads`;
        return row?.reads === false;
      });
      await sql.end();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
