import type { Database } from 'bun:sqlite';
import { createBatcher } from '#domain/batcher.ts';

/** Calls of one transaction. Those that come while they are worked on have the next one. */
const MOST_AT_ONCE = 200;

export interface GroupCommit {
  /** Runs a query in a transaction, and answers when that is on the disk. */
  run<T>(query: () => T): Promise<T>;
  /** Resolves when everything has been answered. */
  idle(): Promise<void>;
}

interface Call {
  readonly query: () => unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Gathers what is asked for at the same time into one transaction, since a disk takes as long for one commit as for
 * many. Each query has a savepoint of its own: one that fails changes nothing for the others. None is answered before
 * all of them are on the disk.
 */
export function createGroupCommit(database: Database): GroupCommit {
  const alone = ({ query, resolve, reject }: Call): void => {
    try {
      resolve(database.transaction(query).immediate());
    } catch (error) {
      reject(error);
    }
  };
  /* Returns how to answer. A full disk undoes the whole transaction, and then no other may go on in it. */
  const within = ({ query, resolve, reject }: Call): (() => void) => {
    try {
      const answer = database.transaction(query)();
      return () => resolve(answer);
    } catch (error) {
      if (!database.inTransaction) throw error;
      return () => reject(error);
    }
  };
  const together = (calls: readonly Call[]): readonly (() => void)[] => {
    try {
      return database.transaction(() => calls.map(within)).immediate();
    } catch {
      return calls.map((call) => () => alone(call)); /* nothing of it was done */
    }
  };
  const batcher = createBatcher<Call>(
    async (calls) => {
      for (const answer of calls.length === 1 ? calls.map((call) => () => alone(call)) : together(calls)) answer();
    },
    { most: MOST_AT_ONCE, pause: () => new Promise((resolve) => setImmediate(resolve)) },
  );
  return {
    run: <T>(query: () => T) => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      batcher.add({ query, resolve: (answer) => resolve(answer as T), reject });
      return promise;
    },
    idle: batcher.idle,
  };
}
