import postgres from 'postgres';
import { storableText } from '#adapters/store/json.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { LogRetention, SharedVolume } from '#domain/shared-volume.ts';
import { readTls } from './tls.ts';

export type Sql = postgres.Sql;

/** The connection of a query that may be part of a transaction. */
export interface Connected {
  readonly sql: Sql | postgres.TransactionSql;
}

/** The connection, the owner of workers and the cipher that a query works with. */
export interface Caller extends Connected {
  readonly sql: Sql;
  /** The owner of the workers that the query is for, as in `worker.owner`; undefined: all, where the login may. */
  readonly owner: string | undefined;
  /** The cipher of keys and secret results; undefined if none can be stored or read. */
  readonly cipher: Cipher | undefined;
  readonly shared: SharedFiles | undefined;
}

/** The files that executions of Attune's Rust control plane leave, and for how long they are kept. */
export interface SharedFiles {
  readonly volume: SharedVolume;
  readonly retention: LogRetention;
}

export interface ScopedCaller extends Caller {
  readonly owner: string;
}

const CONNECT_TIMEOUT_S = 10;
/** PostgreSQL's number of its type TEXT. */
const TEXT = 25;

/** The options with which sessions are opened. */
export interface SessionOptions {
  /** The most connections that are open at once. */
  readonly connections: number;
  /**
   * Parameters that hold for the whole session. Undefined: behind a pooler, whose sessions belong to nobody: it refuses
   * parameters, and statements have no names.
   */
  readonly parameters: Readonly<Record<string, string | number>> | undefined;
}

/** The schemas in which the names of tables and functions are looked for. */
export const SEARCH_PATH = 'attune,public';

/** Makes a pool of sessions, of which the first query opens one. */
export function openSessions(url: string, { connections, parameters }: SessionOptions): Sql {
  const { url: text, ssl } = readTls(url);
  const address = new URL(text);
  /* The directory of a Unix socket, as libpq takes it. */
  const directory = address.searchParams.get('host');
  address.searchParams.delete('host');
  return postgres(address.href, {
    ...(directory === null ? {} : { host: directory }),
    ssl,
    max: connections,
    connect_timeout: CONNECT_TIMEOUT_S,
    onnotice: () => {},
    backoff: () => 0.05 /* who calls waits between attempts */,
    max_lifetime: null /* the pool is renewed when a connection fails */,
    fetch_types: false /* lists travel as JSON: a connection is ready one round trip earlier */,
    prepare: parameters !== undefined,
    types: { text: { to: TEXT, from: [TEXT], serialize: storableText, parse: (text: string) => text } },
    connection: { application_name: 'attune-agent', ...parameters },
  });
}

/**
 * Makes a pool of sessions that works behind a pooler too, for statements that name their schema or begin a transaction
 * that sets its search path.
 */
export function openUnnamed(url: string): Sql {
  return openSessions(url, { connections: 1, parameters: undefined });
}
