import postgres from 'postgres';
import { functions } from '#adapters/store/postgres/functions.ts';
import type { Schema } from '#adapters/store/postgres/migrate.ts';
import { migrations } from '#adapters/store/postgres/migrations.ts';
import { VERSION } from '#cli/version.ts';

/** What `attune-agent migrate` brings a database to. */
export const schema: Schema = { name: 'attune', migrations, functions, version: VERSION };

/** One connection for a test's own statements, which find everything in that schema. */
export function openSql(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } });
}

/** Brings a database to what it was before a migration. */
export async function migrateBefore(sql: postgres.Sql, before: number): Promise<void> {
  await sql.unsafe(`
    CREATE SCHEMA attune;
    CREATE TABLE attune.agent_migration (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
    )`);
  for (const { number, name, sql: text } of schema.migrations.filter((one) => one.number < before)) {
    await sql.unsafe(text);
    const checksum = new Bun.CryptoHasher('sha256').update(text).digest('hex');
    await sql`INSERT INTO agent_migration (number, name, checksum) VALUES (${number}, ${name}, ${checksum})`;
  }
}
