import { isNewerVersion } from '#domain/is-newer-version.ts';
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
export async function planMigration(
  sql: Sql,
  { name, migrations, functions, version }: Schema,
): Promise<MigrationPlan> {
  const applied = await readLedger(sql, name, 'agent_migration');
  const known = await readLedger(sql, name, 'agent_function');
  const missing = migrations.filter(({ number }) => !applied.some((one) => one.number === number));
  const isNewer = known.some((one) => isNewerVersion(one.version ?? '0.0.0', version));
  const there = await sql<{ name: string }[]>`
    SELECT DISTINCT proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = ${name}`;
  const names = new Set(there.map((one) => one.name));
  const checksums = new Map(known.filter((one) => names.has(one.name)).map((one) => [one.name, one.checksum]));
  return {
    migrations: missing.map(({ number, name: title }) => ({ number, name: title })),
    tables: missing.flatMap(tablesOf),
    functions: isNewer ? [] : changedFunctions(functions, checksums).map((one) => one.name),
  };
}

/** The tables that a migration makes, in its order. */
export function tablesOf({ sql }: Pick<Migration, 'sql'>): readonly string[] {
  return [...sql.matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/gm)].flatMap(([, table]) => table ?? []);
}

/** A row of `agent_migration`, which has a number, or of `agent_function`, which has a version. */
interface LedgerRow {
  readonly name: string;
  readonly checksum: string;
  readonly number?: number;
  readonly version?: string;
}

/** What a table of ours has recorded; nothing where it is not there, or not for this login. */
async function readLedger(
  sql: Sql,
  schema: string,
  table: 'agent_migration' | 'agent_function',
): Promise<readonly LedgerRow[]> {
  const readable = await sql`
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${schema} AND c.relname = ${table}
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`;
  return readable.length === 0 ? [] : await sql.unsafe<LedgerRow[]>(`SELECT * FROM ${schema}.${table}`);
}
