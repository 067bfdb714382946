import { createMethods } from '#adapters/store/queries.ts';
import type { Cipher, Ciphers } from '#domain/cipher.ts';
import type { Store } from '#domain/store.ts';
import { explainSqliteError } from './explain-error.ts';
import { createGroupCommit } from './group-commit.ts';
import { openSqlite, type Sqlite } from './open.ts';
import { createQueries, scopedQueries } from './queries.ts';

/**
 * Opens the store in one file, for one process. Each method is whole or not at all, on the disk when it resolves, and
 * rejects with Unavailable for whatever may pass: a full disk, a lock.
 */
export function openSqliteStore(path: string, now: () => number, ciphers?: Ciphers): Store {
  const sqlite = openSqlite(path, now);
  const commit = createGroupCommit(sqlite.database);
  const inTransaction = async <T>(query: (cipher: Cipher | undefined) => T): Promise<T> => {
    try {
      const cipher = await ciphers?.own(async () => readSalt(sqlite));
      return await commit.run(() => query(cipher));
    } catch (error) {
      throw explainSqliteError(error, path);
    }
  };
  return {
    ...createMethods(createQueries(), (query) =>
      inTransaction((cipher) => query({ ...sqlite, owner: undefined, cipher, ciphers })),
    ),
    scopedTo: (owner) =>
      createMethods(scopedQueries, (query) => inTransaction((cipher) => query({ ...sqlite, owner, cipher, ciphers }))),
    [Symbol.asyncDispose]: async () => {
      await commit.idle();
      sqlite.database.close();
    },
  };
}

function readSalt({ database }: Sqlite): string {
  return String(database.query<{ salt: string }, []>('SELECT salt FROM encryption_salt').get()?.salt);
}
