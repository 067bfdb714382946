import type postgres from 'postgres';
import type { PostgresServer } from '#test/support/postgres.ts';
import { openSql } from '#test/support/schema.ts';
import { makeJoinedSchema } from './schema.ts';
import { seedJoined } from './seed.ts';

export interface JoinedDatabase extends AsyncDisposable {
  readonly url: string;
  /** A connection of the test's own, which finds everything in the schema attune. */
  readonly sql: postgres.Sql;
}

/** A new database of Attune's Rust control plane, with the rows of seed.ts; nothing of attune-agent is in it. */
export async function openAttuneDatabase(server: PostgresServer): Promise<JoinedDatabase> {
  return await fillAttuneDatabase(await server.createDatabase());
}

/** Makes an empty database that of Attune's Rust control plane, with the rows of seed.ts. */
export async function fillAttuneDatabase(url: string): Promise<JoinedDatabase> {
  const database = connectTo(url);
  await makeJoinedSchema(database.sql);
  await seedJoined(database.sql);
  return database;
}

export function connectTo(url: string): JoinedDatabase {
  const sql = openSql(url);
  return { url, sql, [Symbol.asyncDispose]: async () => await sql.end() };
}
