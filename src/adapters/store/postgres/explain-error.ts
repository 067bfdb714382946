import { explainTlsError } from '#adapters/tls-options.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import type { TroubleWord } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** PostgreSQL's code for a database that can only be read. */
export const READ_ONLY = '25006';

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: is the database up, and the port right?',
  ENOTFOUND: 'its host name does not resolve',
  CONNECT_TIMEOUT: 'it does not answer: is a firewall in between?',
  CONNECTION_CLOSED: 'it closed the connection',
  [READ_ONLY]: 'it refuses writes: is it a replica, or has it been set to read only?',
  '28P01': 'user or password are wrong',
  '28000': 'it refuses this user (pg_hba.conf)',
  '3D000': 'the database in the URL does not exist',
  '42501': 'the user lacks a privilege',
  '3F000': 'its schema is not there: run attune-agent migrate',
  '42P01': 'its schema is not there or too old: run attune-agent migrate',
  '42703': 'its schema is too old: run attune-agent migrate',
  '42883': 'its SQL functions are of another version: run attune-agent migrate',
  '53100': 'its disk is full',
  '53300': 'it has no connection to spare',
  '55P03': 'a lock that it needs is held by another transaction',
  '57014': 'a statement took too long, and was cancelled',
  '57P03': 'it is starting up or shutting down',
  XX001: 'its data are damaged',
};

/** Explains in one sentence what went wrong with the database at `url`, without its password. */
export function explainDatabaseError(error: unknown, url: string): string {
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  const cause = causes[code] ?? explainTlsError(`${code} ${message}`);
  const where = describeDatabase(url);
  return cause === undefined ? `${where}: ${message}` : `${where}: ${cause} (${message})`;
}

/** What is the matter with a database, in one word. */
export function wordOf(error: unknown): TroubleWord {
  return words[codeOf(error) ?? ''] ?? 'database';
}

const words: Readonly<Record<string, TroubleWord>> = { [READ_ONLY]: 'read-only', '53100': 'full' };

/** Describes a database by its address and name, without user and password. */
export function describeDatabase(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `database ${searchParams.get('host') ?? hostname}:${searchParams.get('port') ?? (port || '5432')}${pathname}`;
}

/**
 * The errors that lie in the statement or its values, by SQLSTATE or its class: the same statement fails again however
 * long one waits. Every other error of PostgreSQL may pass, and whoever can wait tries again.
 */
const refusals: Readonly<Record<string, string>> = {
  '0A': 'the server is too old for the statement',
  '22': 'no column can hold the value',
  '23': 'the row contradicts another one',
  '42601': 'the server cannot read the statement',
  '54': 'the statement or its value is larger than the server can take',
  P0: 'a function of the schema has raised it',
};

/**
 * Functions of PostgreSQL whose errors pass although their SQLSTATE is one of those above: nothing is written until a
 * VACUUM has frozen old rows, so that numbers of transactions do not wrap around; a table has changed under a plan.
 */
const passingRoutines: readonly string[] = ['GetNewTransactionId', 'GetNewMultiXactId', 'RevalidateCachedQuery'];

/** Errors of the system and of the driver that pass. */
const passing: readonly string[] = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'],
  ...['ERR_POSTGRES_CONNECTION_CLOSED', 'ERR_SOCKET_CLOSED', 'ConnectionRefused', 'ENOENT', 'ENOTCONN'],
];

/** Tells whether an error of the database may pass, so that trying again later is right. */
export function mayPass(error: unknown): boolean {
  if (error instanceof Unavailable) return false;
  const code = codeOf(error) ?? '';
  if (passing.includes(code)) return true;
  /* certificates are renewed */
  if (explainTlsError(`${code} ${messageOf(error)}`) !== undefined) return true;
  if (passingRoutines.includes(routineOf(error))) return true;
  return isSaidByServer(error) && refusals[code] === undefined && refusals[code.slice(0, 2)] === undefined;
}

/** The function of PostgreSQL that has said no, which it names in every language. */
function routineOf(error: unknown): string {
  return error instanceof Error && 'routine' in error ? String(error.routine) : '';
}

/** Tells whether the server itself has said no, whatever it is that it does not want. */
export function isSaidByServer(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '');
}

/** Tells whether a function or a trigger has said no, in words of its own. */
export function isRaised(error: unknown): boolean {
  return isSaidByServer(error) && (codeOf(error) ?? '').startsWith('P0');
}
