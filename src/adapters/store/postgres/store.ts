import { createMethods } from '#adapters/store/queries.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { Store } from '#domain/store.ts';
import { openDatabase, WORKER_CONNECTIONS } from './connect.ts';
import { queries, scopedQueries } from './queries.ts';

interface PostgresOptions {
  readonly connections?: number;
  /** For keys and secret results; undefined: none can be stored or read. */
  readonly cipher?: Cipher | undefined;
}

/** The store in a PostgreSQL whose schema `migrate` has made. Times are the server's. Connects when first used. */
export function openPostgresStore(
  url: string,
  { connections = WORKER_CONNECTIONS, cipher }: PostgresOptions = {},
): Store {
  const database = openDatabase(url, connections);
  return {
    ...createMethods(queries, (query) => database.use(async (sql) => await query({ sql, owner: undefined, cipher }))),
    scopedTo: (owner) =>
      createMethods(scopedQueries, (query) => database.use(async (sql) => await query({ sql, owner, cipher }))),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
