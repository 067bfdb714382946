import type postgres from 'postgres';
import type { Sql } from '#adapters/store/postgres/connect.ts';
import type { Schema } from '#adapters/store/postgres/migrate.ts';
import { withLock } from '#adapters/store/postgres/migrate.ts';
import { tablesOf } from '#adapters/store/postgres/plan-migration.ts';
import { joinedFunctionsIn } from './functions.ts';
import { dropIndex, joinedIndexes, readIndexState } from './indexes.ts';
import { dropLeftovers } from './leftovers.ts';
import { joinedMigrations } from './migrations.ts';

/** What was taken out of a joined database, by name. */
export interface Removed {
  readonly indexes: readonly string[];
  readonly functions: readonly string[];
  readonly tables: readonly string[];
  /** What an unfinished migration of a version before had left. */
  readonly leftovers: readonly string[];
}

/** The seconds after which Attune's Rust control plane takes a silent worker for lost. */
const SILENCE_S = 90;

/** Tables of every version, besides those that migrations make. */
const LEDGER = 'agent_migration';

/** Tells, in sentences, why attune-agent should stay in a joined database for now. */
export async function reasonsToStay(sql: Sql, schema: string): Promise<readonly string[]> {
  const [found] = await sql`SELECT to_regclass(${`${schema}.agent_outbox`}) IS NOT NULL AS there`;
  if (found?.['there'] !== true) return [];
  const alive = await sql.unsafe<{ name: string }[]>(
    `SELECT w.name FROM ${schema}.agent_worker a JOIN ${schema}.worker w ON w.id = a.worker
    WHERE a.instance IS NOT NULL AND w.last_heartbeat > now() - make_interval(secs => ${SILENCE_S}) ORDER BY w.name`,
  );
  const [waiting] = await sql.unsafe<{ count: number }[]>(`SELECT count(*)::int AS count FROM ${schema}.agent_outbox`);
  const count = waiting?.count ?? 0;
  return [
    ...(alive.length > 0 ? [`workers of attune-agent are alive: ${alive.map((one) => one.name).join(', ')}`] : []),
    ...(count > 0 ? [`${count} messages are not published yet, which the next worker that starts does`] : []),
  ];
}

/** Tells whether a newer version of attune-agent has migrated a joined database: what it has made is not known here. */
export async function isNewer(sql: Sql, schema: string): Promise<boolean> {
  const [found] = await sql`SELECT to_regclass(${`${schema}.${LEDGER}`}) IS NOT NULL AS there`;
  if (found?.['there'] !== true) return false;
  const rows = await sql.unsafe<{ number: number; name: string }[]>(`SELECT number, name FROM ${schema}.${LEDGER}`);
  const isLeft = rows.some(({ number, name }) => number === 1 && name === 'attune');
  return !isLeft && rows.some(({ number }) => !joinedMigrations.some((one) => one.number === number));
}

/** Takes out of a joined database whatever attune-agent has made in it. */
export async function removeAgent(sql: Sql, place: Pick<Schema, 'name' | 'owner'>): Promise<Removed> {
  const indexes: string[] = [];
  for (const { name } of joinedIndexes) {
    if ((await readIndexState(sql, place.name, name)) === 'missing') continue;
    await dropIndex(sql, place.name, name);
    indexes.push(name);
  }
  return await withLock(sql, place, async (transaction) => ({
    indexes,
    leftovers: await dropLeftovers(transaction),
    functions: await dropFunctions(transaction),
    tables: await dropTables(transaction),
  }));
}

/** Drops the functions of this version, and those that another version has recorded. */
async function dropFunctions(sql: postgres.TransactionSql): Promise<readonly string[]> {
  const names = new Set(joinedFunctionsIn('attune').map(({ name }) => name));
  if (await isThere(sql, 'agent_function'))
    for (const { name } of await sql<{ name: string }[]>`SELECT name FROM agent_function`) names.add(name);
  const rows = await sql<{ name: string; signature: string }[]>`
    SELECT p.proname AS name, p.oid::regprocedure::text AS signature FROM pg_proc p
    JOIN json_array_elements_text(${JSON.stringify([...names])}::text::json) AS n(name) ON n.name = p.proname
    WHERE p.pronamespace = current_schema()::regnamespace ORDER BY p.proname`;
  for (const { signature } of rows) await sql.unsafe(`DROP FUNCTION ${signature}`);
  const [role] = await sql`SELECT FROM pg_roles WHERE rolname = 'attune_worker'`;
  const [row] = await sql<{ schema: string }[]>`SELECT quote_ident(current_schema()) AS schema`;
  if (role && row) await sql.unsafe(`REVOKE USAGE ON SCHEMA ${row.schema} FROM attune_worker`);
  return rows.map(({ name }) => name);
}

async function dropTables(sql: postgres.TransactionSql): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const table of [...joinedMigrations.flatMap(tablesOf), LEDGER]) {
    if (!(await isThere(sql, table))) continue;
    await sql.unsafe(`DROP TABLE ${table}`);
    dropped.push(table);
  }
  return dropped;
}

/** Tells whether the schema in use has that table. */
async function isThere(sql: postgres.TransactionSql, table: string): Promise<boolean> {
  const [row] = await sql`
    SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ${table}`;
  return row !== undefined;
}
