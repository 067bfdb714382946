import postgres from 'postgres';
import { codeOf, messageOf } from '#domain/errors.ts';

export type Sql = postgres.Sql;

/** An idle agent holds no more than this many connections. */
const MOST_CONNECTIONS = 2;
const CONNECT_TIMEOUT_S = 10;

/** Opens nothing yet: the first query connects. Its schema is `attune`, then `public`. */
export function openPostgres(url: string): Sql {
  return postgres(url, {
    max: MOST_CONNECTIONS,
    connect_timeout: CONNECT_TIMEOUT_S,
    onnotice: () => {},
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
  '53300': 'it has no connection to spare',
  '57P03': 'it is starting up or shutting down',
};

/** One sentence about what went wrong with the database at `url`; the password is not in it. */
export function explainDatabaseError(error: unknown, url: string): string {
  const { hostname, port, pathname } = new URL(url);
  const where = `database ${hostname}:${port || '5432'}${pathname}`;
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  const cause = causes[code];
  return cause === undefined ? `${where}: ${message}` : `${where}: ${cause} (${message})`;
}
