import type { Database } from 'bun:sqlite';
import { createBatcher } from '#domain/batcher.ts';

/** Calls of one transaction. Those that come while they are worked on have the next one. */
const MOST_AT_ONCE = 200;
/** Milliseconds of queries after which others get their turn. */
const STEP_MS = 8;

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

/** The clock of the steps, and how to let others have their turn. */
interface Turns {
  now(): number;
  pause(): Promise<void>;
}

const realTurns: Turns = {
  now: () => performance.now(),
  pause: () => new Promise((resolve) => setImmediate(resolve)),
};

/**
 * Gathers what is asked for at the same time into one transaction, since a disk takes as long for one commit as for
 * many. Each query has a savepoint of its own: one that fails changes nothing for the others. None is answered before
 * all of its transaction are on the disk. Queries that take long have transactions of their own and are answered one by
 * one, so that others get their turns.
 */
export function createGroupCommit(database: Database, turns = realTurns): GroupCommit {
  const { pause } = turns;
  /* Returns how many of the calls have been answered. */
  const step = async (calls: readonly Call[]): Promise<number> => {
    const done = calls.length > 1 ? together(database, calls, turns) : undefined;
    if (done) await answerInTurns(done, turns);
    else for (const call of calls) await answerInTurns([alone(database, call, turns)], turns);
    return done?.length ?? calls.length;
  };
  const flush = async (calls: readonly Call[]): Promise<void> => {
    let answered = await step(calls);
    while (answered < calls.length) {
      await pause();
      answered += await step(calls.slice(answered));
    }
  };
  const batcher = createBatcher<Call>(flush, { most: MOST_AT_ONCE, pause });
  return {
    run: <T>(query: () => T) => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      batcher.add({ query, resolve: (answer) => resolve(answer as T), reject });
      return promise;
    },
    idle: batcher.idle,
  };
}

/** A call whose query has been done or refused. */
interface Done {
  answer(): void;
  /** The time of its query. What its answer leads to takes about as long. */
  readonly ms: number;
}

/** Does as many queries in one transaction as a step has time for; undefined: none could be done. */
function together(database: Database, calls: readonly Call[], { now }: Turns): readonly Done[] | undefined {
  const asMany = (): readonly Done[] => {
    const start = now();
    const done: Done[] = [];
    for (const call of calls) {
      const from = now();
      if (from - start >= STEP_MS) break;
      const answer = within(database, call);
      done.push({ answer, ms: now() - from });
    }
    return done;
  };
  try {
    return database.transaction(asMany).immediate();
  } catch {
    return undefined;
  }
}

/** A full disk undoes the whole transaction, and then no other query may go on in it. */
function within(database: Database, { query, resolve, reject }: Call): () => void {
  try {
    const answer = database.transaction(query)();
    return () => resolve(answer);
  } catch (error) {
    if (!database.inTransaction) throw error;
    return () => reject(error);
  }
}

function alone(database: Database, { query, resolve, reject }: Call, { now }: Turns): Done {
  const from = now();
  try {
    const answer = database.transaction(query).immediate();
    return { answer: () => resolve(answer), ms: now() - from };
  } catch (error) {
    return { answer: () => reject(error), ms: now() - from };
  }
}

async function answerInTurns(done: readonly Done[], { pause }: Turns): Promise<void> {
  let spent = 0;
  for (const { answer, ms } of done) {
    spent += ms;
    if (spent >= STEP_MS) {
      await pause();
      spent = 0;
    }
    answer();
  }
}
