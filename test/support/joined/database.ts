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
  const url = await server.createDatabase();
  const sql = openSql(url);
  await makeJoinedSchema(sql);
  await seedJoined(sql);
  return { url, sql, [Symbol.asyncDispose]: async () => await sql.end() };
}
