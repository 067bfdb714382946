import type { Sql } from './connect.ts';

const MENDS =
  'make a database with createdb -E UTF8 --locale=C -T template0 NAME (with data in it: pg_dump it, and restore it ' +
  'there), and name that in database.url';

/**
 * Says in a sentence why a database cannot keep every text: its encoding, which the server tells of each connection
 * that it has opened. In SQL_ASCII the output of an action could never be stored, nor could its execution end.
 * Undefined if all is well, or no connection has been opened.
 */
export function describeEncoding(sql: Sql): string | undefined {
  const { server_encoding: encoding = 'UTF8' } = sql.parameters;
  if (encoding === 'UTF8') return undefined;
  return `the encoding of the database is ${encoding}, which cannot hold every text: ${MENDS}`;
}
