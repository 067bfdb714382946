import { createMethods, type Run } from '#adapters/store/queries.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { Ciphers } from '#domain/cipher.ts';
import type { Store, WorkerStore } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Caller, ScopedCaller, SharedFiles, Sql } from './connect.ts';
import { type Database, openDatabase } from './database.ts';
import { explainDatabaseError, isRaised, isSaidByServer } from './explain-error.ts';
import { createQueries, scopedQueries } from './queries.ts';

interface PostgresOptions {
  /** Connections to the database, besides the few for what is urgent. */
  readonly connections?: number;
  /** The ciphers of keys and secret results; undefined if none can be stored or read. */
  readonly ciphers?: Ciphers | undefined;
  /** Where executions of Attune's Rust control plane leave files; undefined if that is not here. */
  readonly shared?: SharedFiles | undefined;
}

/** The methods that must not wait behind logs and results: a late heartbeat is a lost worker. */
const urgent: ReadonlySet<string> = new Set<keyof AgentStore>([
  'register',
  'heartbeat',
  'claim',
  'beginDrain',
  'pause',
  'deregister',
]);
/**
 * The methods of loops that go on for as long as their process: no caller's value can be what the database refuses, and
 * nobody could do better than report it and ask again. With the others, single values are refused, and their callers go
 * on without them.
 */
const patient: ReadonlySet<string> = new Set<keyof WorkerStore>([
  ...(['register', 'heartbeat', 'claim', 'beginDrain', 'deregister'] as const),
  ...(['unpublished', 'forget', 'schedule', 'recoverLost', 'takeBack', 'dispatchAgain'] as const),
  ...(['keepLogs', 'forgetWorkers', 'endStale', 'publishEvents'] as const),
  ...(['dueSchedules', 'prune', 'findOldArtifacts', 'forgetArtifacts'] as const),
  ...(['beginEnvironment', 'renewEnvironment', 'endEnvironment'] as const),
]);
/**
 * What a trigger of somebody else's raises may pass, whatever lines it is about: a log is dropped only for what no
 * column can hold. The result of its execution waits behind it.
 */
const APPEND_LOGS: keyof AgentStore = 'appendLogs';
/** A claim that waits for a lock must not hold up a heartbeat. */
const URGENT_CONNECTIONS = 2;
const WORKER_CONNECTIONS = 1;

/**
 * Opens the store in a PostgreSQL database whose schema `migrate` has made. Times are the server's. The first use
 * connects.
 */
export function openPostgresStore(
  url: string,
  { connections = WORKER_CONNECTIONS, ciphers, shared }: PostgresOptions = {},
): Store {
  const forUrgent = openDatabase(url, URGENT_CONNECTIONS);
  const forOthers = openDatabase(url, connections);
  const databaseFor = (name: string): Database => (urgent.has(name) ? forUrgent : forOthers);
  const ask = async <T>(name: string, query: (sql: Sql) => Promise<T>): Promise<T> => {
    try {
      return await databaseFor(name).use(query);
    } catch (error) {
      if ((patient.has(name) && isSaidByServer(error)) || (name === APPEND_LOGS && isRaised(error)))
        throw new Unavailable(explainDatabaseError(error, url), { cause: error });
      throw error;
    }
  };
  const run: Run<Caller> = (query, name) =>
    ask(name, async (sql) => await query({ sql, owner: undefined, ciphers, shared }));
  const runFor =
    (owner: string): Run<ScopedCaller> =>
    (query, name) =>
      ask(name, async (sql) => await query({ sql, owner, ciphers, shared }));
  return {
    ...createMethods(createQueries(), run),
    scopedTo: (owner) => createMethods(scopedQueries, runFor(owner)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([forUrgent[Symbol.asyncDispose](), forOthers[Symbol.asyncDispose]()]);
    },
  };
}
