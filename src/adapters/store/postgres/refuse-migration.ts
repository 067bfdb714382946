import type { Sql } from './connect.ts';
import { describeEncoding } from './encoding.ts';
import type { FoundDatabase } from './find-kind.ts';
import { hasLeftovers } from './joined/leftovers.ts';
import { migrations } from './migrations.ts';
import { tablesOf } from './plan-migration.ts';

const MIXED =
  "the migrations of Attune's Rust control plane have begun in this database, which attune-agent had made: the two " +
  "cannot have their tables in one schema. Give Attune's Rust control plane an empty database, and drop here the " +
  'enum types that its migrations have left';

const LEFTOVERS =
  "a version of attune-agent before this one has begun to migrate this database of Attune's Rust control plane, and " +
  'could not go on: attune-agent migrate --remove takes out what it has left, then attune-agent migrate works';

/** Tells, in a sentence, why a database cannot be migrated as it is; undefined if it can. */
export async function reasonNotToMigrate(sql: Sql, found: FoundDatabase): Promise<string | undefined> {
  const flaw = describeEncoding(sql);
  if (flaw !== undefined) return flaw;
  if (found.isMixed) return MIXED;
  if (found.kind === 'joined') return (await hasLeftovers(sql, found.schema)) ? LEFTOVERS : undefined;
  const strangers = await readStrangers(sql);
  return strangers.length === 0
    ? undefined
    : `the schema attune has tables that attune-agent did not make: ${strangers.join(', ')}. It works in an empty ` +
        "schema, or beside the tables of a present version of Attune's Rust control plane: give it an empty database";
}

/** The tables of the names of ours in a schema in which no migration of ours was applied. */
async function readStrangers(sql: Sql): Promise<readonly string[]> {
  const names = migrations.flatMap(tablesOf);
  const rows = await sql<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'attune'
      AND NOT EXISTS (SELECT FROM pg_class m WHERE m.relnamespace = n.oid AND m.relname = 'agent_migration')
      AND c.relname IN (SELECT json_array_elements_text(${JSON.stringify(names)}::text::json))
    ORDER BY c.relname`;
  return rows.map(({ name }) => name);
}
