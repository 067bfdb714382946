import postgres from 'postgres';
import { storableText } from '#adapters/store/json.ts';
import { explainTlsError } from '#adapters/tls-options.ts';
import type { Cipher } from '#domain/cipher.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';

import { readTls } from './tls.ts';

export type Sql = postgres.Sql;

/** What a query needs that may be part of a transaction. */
export interface Connected {
  readonly sql: Sql | postgres.TransactionSql;
}

/** What a query works with. */
export interface Caller extends Connected {
  readonly sql: Sql;
  /** The owner of the workers that the query is for, as in `worker.owner`; undefined: all, where the login may. */
  readonly owner: string | undefined;
  /** For keys and secret results; undefined: none can be stored or read. */
  readonly cipher: Cipher | undefined;
}

export interface ScopedCaller extends Caller {
  readonly owner: string;
}

/** A worker holds no more than this many connections; a server asks for more. */
export const WORKER_CONNECTIONS = 2;
const CONNECT_TIMEOUT_S = 10;
/** PostgreSQL's number of its type TEXT. */
const TEXT = 25;
/** A query without an answer for so long goes over a connection that is dead without knowing. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Opens nothing yet: the first query connects. Its schema is `attune`, then `public`. */
export function openPostgres(url: string, connections = WORKER_CONNECTIONS): Sql {
  const { url: address, ssl } = readTls(url);
  return postgres(address, {
    ssl,
    max: connections,
    connect_timeout: CONNECT_TIMEOUT_S,
    onnotice: () => {},
    backoff: () => 0.05 /* who calls waits between attempts */,
    max_lifetime: null /* the pool is renewed when a connection fails */,
    fetch_types: false /* lists travel as JSON: a connection is ready one round trip earlier */,
    types: { text: { to: TEXT, from: [TEXT], serialize: storableText, parse: (text: string) => text } },
    connection: { application_name: 'attune-agent', search_path: 'attune,public' },
  });
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: is the database up, and the port right?',
  ENOTFOUND: 'its host name does not resolve',
  CONNECT_TIMEOUT: 'it does not answer: is a firewall in between?',
  CONNECTION_CLOSED: 'it closed the connection',
  '28P01': 'user or password are wrong',
  '28000': 'it refuses this user (pg_hba.conf)',
  '3D000': 'the database in the URL does not exist',
  '42501': 'the user lacks a privilege',
  '42P01': 'its schema is not there or too old: run attune-agent migrate',
  '42703': 'its schema is too old: run attune-agent migrate',
  '42883': 'its SQL functions are of another version: run attune-agent migrate',
  '53300': 'it has no connection to spare',
  '57P03': 'it is starting up or shutting down',
};

/** One sentence about what went wrong with the database at `url`; the password is not in it. */
export function explainDatabaseError(error: unknown, url: string): string {
  const { hostname, port, pathname } = new URL(url);
  const where = `database ${hostname}:${port || '5432'}${pathname}`;
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  const cause = causes[code] ?? explainTlsError(`${code} ${message}`);
  return cause === undefined ? `${where}: ${message}` : `${where}: ${cause} (${message})`;
}

/** A pool that is replaced when it does not answer. */
export interface Database extends AsyncDisposable {
  /** Rejects with Unavailable for whatever may pass: no connection, no answer, a server that stops, a deadlock. */
  use<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

export function openDatabase(url: string, connections: number): Database {
  let sql = openPostgres(url, connections);
  const use = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const current = sql;
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      if (sql === current) sql = openPostgres(url, connections);
      abandon(current);
      silence.reject(new Unavailable(`database ${hostOf(url)}: no answer within ${ANSWER_TIMEOUT_MS / 1000} s`));
    }, ANSWER_TIMEOUT_MS);
    try {
      return await Promise.race([work(current), silence.promise]);
    } catch (error) {
      throw isPassing(error) ? new Unavailable(explainDatabaseError(error, url), { cause: error }) : error;
    } finally {
      clearTimeout(timer);
    }
  };
  return { use, [Symbol.asyncDispose]: async () => await sql.end({ timeout: 1 }) };
}

function abandon(sql: Sql): void {
  sql.end({ timeout: 0 }).catch(() => {}); /* it was dead already */
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** SQLSTATEs (their classes where they have two characters) and system errors that pass. */
const passing: readonly string[] = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'],
  ...['ERR_POSTGRES_CONNECTION_CLOSED', 'ERR_SOCKET_CLOSED', 'ConnectionRefused', 'ENOENT'],
  ...['28P01', '28000', '3D000'] /* passwords rotate, databases are restored */,
  ...['08', '40', '53', '57', '25006', '25P03'],
];

function isPassing(error: unknown): boolean {
  if (error instanceof Unavailable) return false;
  const code = codeOf(error) ?? '';
  /* certificates are renewed */
  if (explainTlsError(`${code} ${messageOf(error)}`) !== undefined) return true;
  return passing.includes(code) || (/^[0-9A-Z]{5}$/.test(code) && passing.includes(code.slice(0, 2)));
}
