import { createMethods } from '#adapters/store/queries.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { Store } from '#domain/store.ts';
import { openSqlite } from './open.ts';
import { queries, scopedQueries } from './queries.ts';

/** The store in one file, for one process. Each method is one immediate transaction. */
export function openSqliteStore(path: string, now: () => number, cipher?: Cipher): Store {
  const sqlite = openSqlite(path, now);
  const inTransaction = async <T>(query: () => T): Promise<T> => sqlite.database.transaction(query).immediate();
  return {
    ...createMethods(queries, (query) => inTransaction(() => query({ ...sqlite, owner: undefined, cipher }))),
    scopedTo: (owner) =>
      createMethods(scopedQueries, (query) => inTransaction(() => query({ ...sqlite, owner, cipher }))),
    [Symbol.asyncDispose]: async () => sqlite.database.close(),
  };
}
