import type postgres from 'postgres';
import { sha256Of } from '#crypto/sha256.ts';
import { codeOf } from '#domain/errors.ts';
import { type AppliedFunctions, applyFunctions } from './apply-functions.ts';
import type { Sql } from './connect.ts';
import type { SqlFunction } from './functions.ts';
import type { Migration } from './migrations.ts';

/** What the lock of a migration is taken on: nobody but the owner of the tables may. */
const LEDGER = 'agent_migration';
/** A migration waits no longer for a transaction of somebody else, since all that comes later waits behind it. */
const LOCK_TIMEOUT = '15s';
/** Codes of PostgreSQL: another process has made the same schema or table at the same moment. */
const MADE_BY_ANOTHER = ['23505', '42P06', '42P07'];

export interface Schema {
  /** The schema of PostgreSQL in which everything is made. */
  readonly name: string;
  /** The role that everything is to belong to; undefined: the login that migrates. */
  readonly owner?: string | undefined;
  /** The migrations, at least one, in their order. */
  readonly migrations: readonly Migration[];
  readonly functions: readonly SqlFunction[];
  /** The version of this program: an older program leaves the functions of a newer one alone. */
  readonly version: string;
}

export interface Migrated {
  readonly migrations: readonly AppliedMigration[];
  readonly functions: AppliedFunctions;
}

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly durationMs: number;
}

/**
 * Applies the migrations that are missing, each in a transaction of its own, and returns what was applied. The
 * functions come with the last migration, in its transaction, whether or not that is new. Safe when several run at
 * once: one works, the others wait and then find nothing to do. Throws the database's error, or one that names a
 * migration that was edited after it had been applied; what was applied before stays.
 */
export async function migrate(sql: Sql, schema: Schema): Promise<Migrated> {
  const { migrations, functions, version } = schema;
  const applied: AppliedMigration[] = [];
  const apply = async (transaction: postgres.TransactionSql, migration: Migration): Promise<void> => {
    const start = performance.now();
    if (await applyOnce(transaction, migration))
      applied.push({ number: migration.number, name: migration.name, durationMs: performance.now() - start });
  };
  await makeLedger(sql, schema);
  for (const migration of migrations.slice(0, -1))
    await withLock(sql, schema, async (transaction) => await apply(transaction, migration));
  return await withLock(sql, schema, async (transaction) => {
    for (const newest of migrations.slice(-1)) await apply(transaction, newest);
    return { migrations: applied, functions: await applyFunctions(transaction, functions, version) };
  });
}

/**
 * Makes the roles of this server, and grants them what they may do here. Returns what could not be done, and why. Safe
 * when several run at once.
 */
export async function grantRoles(sql: Sql, name = 'attune'): Promise<readonly string[]> {
  return await withLock(sql, { name }, async (transaction) => {
    const rows = await transaction<{ problem: string }[]>`SELECT problem FROM agent_grant() AS problem`;
    return rows.map(({ problem }) => problem);
  });
}

type Place = Pick<Schema, 'name' | 'owner'>;

/** Does work in a transaction of that schema, while no other process migrates this database. */
export async function withLock<T>(
  sql: Sql,
  place: Place,
  work: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  const result = await sql.begin(async (transaction) => {
    await useSchema(transaction, place);
    const [ledger] = await transaction`SELECT to_regclass(${LEDGER}) AS there`;
    if (ledger?.['there'] !== null) await transaction.unsafe(`LOCK TABLE ${LEDGER} IN SHARE ROW EXCLUSIVE MODE`);
    return { value: await work(transaction) };
  });
  return result.value;
}

/** Makes the table that records migrations where it is missing. Several may do so at once. */
async function makeLedger(sql: Sql, place: Place): Promise<void> {
  const make = async (transaction: postgres.TransactionSql): Promise<void> => {
    await useSchema(transaction, place);
    await transaction.unsafe(`
      CREATE TABLE IF NOT EXISTS ${LEDGER} (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
      )`);
  };
  try {
    await sql.begin(make);
  } catch (error) {
    if (!MADE_BY_ANOTHER.includes(codeOf(error) ?? '')) throw error;
    await sql.begin(make);
  }
}

/**
 * Makes the schema where it is missing, and has everything made in it. Throws where this user may not: its tables would
 * be made in another schema.
 */
async function useSchema(transaction: postgres.TransactionSql, { name, owner }: Place): Promise<void> {
  /* The defaults of a role or a database may be others, with which a migration is cut short, or misses another one. */
  await transaction.unsafe(
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; SET LOCAL statement_timeout = 0;
    SET LOCAL transaction_isolation = 'read committed'`,
  );
  if (owner !== undefined) await actFor(transaction, owner);
  const [there] = await transaction<{ schema: string | null }[]>`SELECT to_regnamespace(${name}) AS schema`;
  if (there?.schema === null) await transaction.unsafe(`CREATE SCHEMA IF NOT EXISTS ${name}`);
  await transaction.unsafe(`SET LOCAL search_path = ${name}, public`);
  const [row] = await transaction<{ schema: string | null }[]>`SELECT current_schema() AS schema`;
  if (row?.schema !== name)
    throw new Error(
      `the current schema is ${row?.schema ?? 'none'} instead of ${name}, so nothing is made: ` +
        `grant this user USAGE and CREATE on the schema ${name}, or migrate as its owner`,
    );
}

/** Lets everything that follows belong to a role. Throws where this user may not act for it. */
async function actFor(transaction: postgres.TransactionSql, owner: string): Promise<void> {
  const [row] = await transaction<{ may: boolean }[]>`SELECT pg_has_role(current_user, ${owner}, 'MEMBER') AS may`;
  if (row?.may !== true)
    throw new Error(
      `the tables belong to ${owner}, for whom this user may not act, so nothing is done: run it as ${owner}, as a ` +
        'member of that role, or as a superuser',
    );
  await transaction`SELECT set_config('role', ${owner}, true)`;
}

/** Applies a migration; false if it had been applied before. */
async function applyOnce(
  transaction: postgres.TransactionSql,
  { number, name, sql: text }: Migration,
): Promise<boolean> {
  const checksum = sha256Of(text);
  const [known] = await transaction<{ checksum: string }[]>`
    SELECT checksum FROM agent_migration WHERE number = ${number}`;
  if (known && known.checksum !== checksum)
    throw new Error(`migration ${number} (${name}) was applied in another form: this program is older or altered`);
  if (known) return false;
  await transaction.unsafe(text);
  await transaction`
    INSERT INTO agent_migration (number, name, checksum) VALUES (${number}, ${name}, ${checksum})`;
  return true;
}
