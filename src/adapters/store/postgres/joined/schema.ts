import type { Sql } from '#adapters/store/postgres/connect.ts';
import type { FoundDatabase } from '#adapters/store/postgres/find-kind.ts';
import type { Schema } from '#adapters/store/postgres/migrate.ts';
import { joinedFunctionsIn } from './functions.ts';
import { joinedMigrations } from './migrations.ts';

/** The schemas in which the statements of workers look for tables. */
const READABLE = ['attune', 'public'];

/**
 * What `migrate` brings a joined database to. Everything belongs to the owner of the tables that are there, whoever
 * migrates, because that is who Attune's workers log in as. Throws where the tables are in a schema in which no worker
 * would find them.
 */
export async function joinedSchema(sql: Sql, { schema }: FoundDatabase, version: string): Promise<Schema> {
  if (!READABLE.includes(schema))
    throw new Error(
      `the tables of Attune's Rust control plane are in the schema ${schema}: ` +
        'attune-agent finds them in attune and public only',
    );
  return {
    name: schema,
    owner: await readOwner(sql, schema),
    migrations: joinedMigrations,
    functions: joinedFunctionsIn(schema),
    version,
  };
}

/** The owner of the executions; undefined where that is this login. */
async function readOwner(sql: Sql, schema: string): Promise<string | undefined> {
  const [row] = await sql<{ owner: string }[]>`
    SELECT r.rolname AS owner FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.oid = to_regclass(${`${schema}.execution`}) AND r.rolname <> current_user`;
  return row?.owner;
}
