import { createMethods } from '#adapters/store/queries.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { Store } from '#domain/store.ts';
import { explainSqliteError } from './explain-error.ts';
import { openSqlite } from './open.ts';
import { queries, scopedQueries } from './queries.ts';

/**
 * Opens the store in one file, for one process. Each method is one immediate transaction, and rejects with Unavailable
 * for whatever may pass: a full disk, a lock.
 */
export function openSqliteStore(path: string, now: () => number, cipher?: Cipher): Store {
  const sqlite = openSqlite(path, now);
  const inTransaction = async <T>(query: () => T): Promise<T> => {
    try {
      return sqlite.database.transaction(query).immediate();
    } catch (error) {
      throw explainSqliteError(error, path);
    }
  };
  return {
    ...createMethods(queries, (query) => inTransaction(() => query({ ...sqlite, owner: undefined, cipher }))),
    scopedTo: (owner) =>
      createMethods(scopedQueries, (query) => inTransaction(() => query({ ...sqlite, owner, cipher }))),
    [Symbol.asyncDispose]: async () => sqlite.database.close(),
  };
}
