import { changedFunctions } from './apply-functions.ts';
import type { Sql } from './connect.ts';
import type { Schema } from './migrate.ts';
import type { Migration } from './migrations.ts';

/** What `migrate` would do. */
export interface MigrationPlan {
  readonly migrations: readonly Pick<Migration, 'number' | 'name'>[];
  /** The tables that those migrations make. */
  readonly tables: readonly string[];
  /** The functions that it would make or replace. */
  readonly functions: readonly string[];
}

/** Plans a migration. Nothing is changed. */
export async function planMigration(sql: Sql, { name, migrations, functions }: Schema): Promise<MigrationPlan> {
  const applied = await readKnown(sql, name, 'agent_migration');
  const checksums = await readKnown(sql, name, 'agent_function');
  const missing = migrations.filter(({ number }) => !applied.has(String(number)));
  return {
    migrations: missing.map(({ number, name: title }) => ({ number, name: title })),
    tables: missing.flatMap(tablesOf),
    functions: changedFunctions(functions, checksums).map((one) => one.name),
  };
}

/** The tables that a migration makes, in its order. */
export function tablesOf({ sql }: Pick<Migration, 'sql'>): readonly string[] {
  return [...sql.matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/gm)].flatMap(([, table]) => table ?? []);
}

/** The checksums that a table of ours keeps, by number or name; none where it is not there, or not for this login. */
async function readKnown(
  sql: Sql,
  schema: string,
  table: 'agent_migration' | 'agent_function',
): Promise<ReadonlyMap<string, string>> {
  const readable = await sql`
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${schema} AND c.relname = ${table}
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`;
  if (readable.length === 0) return new Map();
  const key = table === 'agent_migration' ? 'number' : 'name';
  const rows = await sql.unsafe<{ key: string; checksum: string }[]>(
    `SELECT ${key}::text AS key, checksum FROM ${schema}.${table}`,
  );
  return new Map(rows.map((one) => [one.key, one.checksum]));
}
