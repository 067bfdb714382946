import { createMethods } from '#adapters/store/queries.ts';
import type { Claims, ScopedStore } from '#domain/agent-store.ts';
import type { Cipher, Ciphers } from '#domain/cipher.ts';
import { groupsOf } from '#domain/groups.ts';
import type { ControlStore, Store, WorkerStore } from '#domain/store.ts';
import { takeTurns } from '#domain/turns.ts';
import { explainSqliteError } from './explain-error.ts';
import { createGroupCommit } from './group-commit.ts';
import { auditInTurns, oldArtifactsInTurns, pollInTurns, pruneInTurns } from './in-turns.ts';
import { listInTurns } from './list-in-turns.ts';
import { type Caller, openSqlite, type ScopedCaller, type Sqlite } from './open.ts';
import { measureParameters } from './queries/claim.ts';
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
  const methods = createMethods<Caller, WorkerStore & ControlStore>(createQueries(), (query) =>
    inTransaction((cipher) => query({ ...sqlite, owner: undefined, cipher, ciphers })),
  );
  return {
    ...methods,
    claim: claimInTurns(sqlite, methods.claim),
    listExecutions: listInTurns(sqlite, methods.listExecutions),
    listAudit: auditInTurns(sqlite, methods.listAudit),
    pollLogs: pollInTurns(methods.pollLogs),
    prune: pruneInTurns(sqlite, methods.prune),
    findOldArtifacts: oldArtifactsInTurns(sqlite, methods.findOldArtifacts),
    scopedTo: (owner) => {
      const scoped = createMethods<ScopedCaller, ScopedStore>(scopedQueries, (query) =>
        inTransaction((cipher) => query({ ...sqlite, owner, cipher, ciphers })),
      );
      return { ...scoped, claim: claimInTurns(sqlite, scoped.claim) };
    },
    [Symbol.asyncDispose]: async () => {
      await commit.idle();
      sqlite.database.close();
    },
  };
}

function readSalt({ database }: Sqlite): string {
  return String(database.query<{ salt: string }, []>('SELECT salt FROM encryption_salt').get()?.salt);
}

/** Characters of parameters that are read in one step. */
const MOST_PARAMETERS = 64 * 1024;

/** Claims as much at a time as others can wait for. */
function claimInTurns(sqlite: Sqlite, claim: Store['claim']): Store['claim'] {
  return async (session, offers, leaseMs) => {
    const turn = takeTurns();
    const all: Claims[] = [];
    const sizes = measureParameters(sqlite, offers);
    for (const some of groupsOf(offers, ({ execution }) => sizes.get(Number(execution)) ?? 0, MOST_PARAMETERS)) {
      all.push(await claim(session, some, leaseMs));
      await turn();
    }
    return { claimed: all.flatMap((one) => one.claimed), messages: all.flatMap((one) => one.messages) };
  };
}
