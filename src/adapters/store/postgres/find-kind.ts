import type { DatabaseKind } from '#domain/database-kind.ts';
import type { Sql } from './connect.ts';

export interface FoundDatabase {
  readonly kind: DatabaseKind;
  /** The schema of PostgreSQL that holds the tables: `attune`, or where Attune's Rust control plane has put them. */
  readonly schema: string;
  /** True if the functions that workers call are there. */
  readonly isMigrated: boolean;
  /**
   * True if the migrations of Attune's Rust control plane have begun in a database that attune-agent had made, and
   * could not go on.
   */
  readonly isMixed: boolean;
}

interface Row {
  readonly schema: string;
  readonly has_enum: boolean;
  readonly is_theirs: boolean;
  readonly is_migrated: boolean;
  readonly has_our_migrations: boolean;
}

/**
 * Tells whose database it is. Attune's Rust control plane declares the status of an execution as the enum type
 * `execution_status_enum`; in tables of attune-agent it is text. A schema `attune` decides, else `public`, else any.
 */
export async function findKind(sql: Sql): Promise<FoundDatabase> {
  const rows = await sql<Row[]>`
    SELECT n.nspname AS schema, t.oid IS NOT NULL AS has_enum,
      t.oid IS NOT NULL AND COALESCE(a.atttypid = t.oid, true) AS is_theirs,
      EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'agent_claim') AS is_migrated,
      EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'agent_migration')
        AS has_our_migrations
    FROM pg_namespace n
    LEFT JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = 'execution_status_enum'
    LEFT JOIN pg_class e ON e.relnamespace = n.oid AND e.relname = 'execution'
    LEFT JOIN pg_attribute a ON a.attrelid = e.oid AND a.attname = 'status' AND NOT a.attisdropped
    WHERE t.oid IS NOT NULL OR n.nspname = 'attune'
    ORDER BY n.nspname = 'attune' DESC, n.nspname = 'public' DESC, n.nspname`;
  const attune = rows.find(({ schema }) => schema === 'attune');
  const isOurs = attune?.is_theirs === false && attune.has_our_migrations;
  const theirs = isOurs ? undefined : rows.find(({ is_theirs }) => is_theirs);
  const kind = theirs === undefined ? 'own' : 'joined';
  const isMigrated = (theirs ?? attune)?.is_migrated ?? false;
  return { kind, schema: theirs?.schema ?? 'attune', isMigrated, isMixed: isOurs && attune.has_enum };
}
