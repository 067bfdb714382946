import { functions } from '#adapters/store/postgres/functions.ts';
import type { Schema } from '#adapters/store/postgres/migrate.ts';
import { migrations } from '#adapters/store/postgres/migrations.ts';
import { VERSION } from '#cli/version.ts';

/** What `attune-agent migrate` brings a database to. */
export const schema: Schema = { migrations, functions, version: VERSION };
