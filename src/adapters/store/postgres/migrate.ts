import { createHash } from 'node:crypto';
import type { Sql } from './connect.ts';
import type { Migration } from './migrations.ts';

/** Any number that no other program locks in this database: "attune", as bytes. */
const LOCK = 0x617474756e65;

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly durationMs: number;
}

/**
 * Applies what is missing, each migration in a transaction of its own, and returns what was applied. Safe when several
 * run at once: one works, the others wait and then find nothing to do. Throws the database's error, or one that names
 * a migration that was edited after it had been applied; what was applied before stays.
 */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<readonly AppliedMigration[]> {
  const applied: AppliedMigration[] = [];
  for (const migration of migrations) {
    const start = performance.now();
    if (await applyOnce(sql, migration))
      applied.push({ number: migration.number, name: migration.name, durationMs: performance.now() - start });
  }
  return applied;
}

/** The roles of this server and what they may do here; returns what could not be done, and why. Safe when several run at once. */
export async function grantRoles(sql: Sql): Promise<readonly string[]> {
  return await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${LOCK})`;
    const rows = await transaction<{ problem: string }[]>`SELECT problem FROM attune.agent_grant() AS problem`;
    return rows.map(({ problem }) => problem);
  });
}

/** False when it had been applied before. */
async function applyOnce(sql: Sql, { number, name, sql: text }: Migration): Promise<boolean> {
  const checksum = createHash('sha256').update(text).digest('hex');
  return await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${LOCK})`;
    await transaction`CREATE SCHEMA IF NOT EXISTS attune`;
    await transaction`
      CREATE TABLE IF NOT EXISTS attune.agent_migration (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
      )`;
    const [known] = await transaction<{ checksum: string }[]>`
      SELECT checksum FROM attune.agent_migration WHERE number = ${number}`;
    if (known && known.checksum !== checksum)
      throw new Error(`migration ${number} (${name}) was applied in another form: this program is older or altered`);
    if (known) return false;
    await transaction.unsafe(text);
    await transaction`
      INSERT INTO attune.agent_migration (number, name, checksum) VALUES (${number}, ${name}, ${checksum})`;
    return true;
  });
}
