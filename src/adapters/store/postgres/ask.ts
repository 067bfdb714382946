import type { DatabaseKind } from '#domain/database-kind.ts';
import { openUnnamed } from './connect.ts';
import { describeEncoding } from './encoding.ts';
import { describeDatabase, explainDatabaseError, READ_ONLY } from './explain-error.ts';
import { type FoundDatabase, findKind } from './find-kind.ts';

export interface DatabaseAnswer {
  /** Milliseconds since 1970 by the database's clock. */
  readonly timeMs: number;
  readonly kind: DatabaseKind;
  /** The number of transactions that may be prepared at once, and the statements that would end those that are. */
  readonly prepared: { readonly most: number; readonly endedBy: readonly string[] };
}

/**
 * Asks the database for its time, and whose it is. Rejects with one sentence for people when the database cannot be
 * asked, or was not migrated.
 */
export async function askDatabase(url: string): Promise<DatabaseAnswer> {
  const sql = await openUnnamed(url).catch((error: unknown) => {
    throw new Error(explainDatabaseError(error, url), { cause: error });
  });
  try {
    const found = await findKind(sql);
    const flaw = describeEncoding(sql);
    if (flaw !== undefined) throw new Error(flaw);
    if (!found.isMigrated) throw new Error(describeUnmigrated(found));
    const [row] = await sql<{ now: number; frozen: boolean; most: number; ends: readonly string[] }[]>`
      SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now,
        current_setting('transaction_read_only') = 'on' AS frozen,
        current_setting('max_prepared_transactions')::int AS most,
        to_jsonb(ARRAY(SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts
          WHERE database = current_database() ORDER BY prepared LIMIT 5)) AS ends`;
    if (row?.frozen === true) throw Object.assign(new Error('transaction_read_only is on'), { code: READ_ONLY });
    const prepared = { most: row?.most ?? 0, endedBy: row?.ends ?? [] };
    return { timeMs: row?.now ?? Number.NaN, kind: found.kind, prepared };
  } catch (error) {
    throw new Error(explainDatabaseError(error, url), { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Finds out whose database it is; undefined if it cannot be asked now. */
export async function askKind(url: string): Promise<FoundDatabase | undefined> {
  const sql = await openUnnamed(url).catch(() => undefined);
  try {
    return sql && (await findKind(sql));
  } catch {
    return undefined;
  } finally {
    await sql?.end({ timeout: 1 });
  }
}

/** Says what to run in a database that was not migrated; undefined if it was, or cannot be asked now. */
export async function askWhatToRun(url: string): Promise<string | undefined> {
  const found = await askKind(url);
  return found === undefined || found.isMigrated ? undefined : `${describeDatabase(url)}: ${describeUnmigrated(found)}`;
}

function describeUnmigrated({ kind }: FoundDatabase): string {
  return kind === 'own'
    ? 'its schema is not there: run attune-agent migrate'
    : "it is that of Attune's Rust control plane, and nothing of attune-agent is in it yet: run attune-agent migrate " +
        'as a login that owns its tables (--dry-run shows what that adds, --remove takes it out again)';
}
