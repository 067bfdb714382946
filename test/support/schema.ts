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
