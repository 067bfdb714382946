import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { DAY_MS } from '#domain/durations.ts';
import type { OldArtifact, Retained, RetentionLimit } from '#domain/retention-store.ts';

/** Rows that may go, by their table, the time of a row, and what must be true of it besides. */
const TABLES = {
  executions: { table: 'execution', time: 'max(created, updated)', condition: `status NOT IN ${ACTIVE}` },
  results: {
    table: 'execution',
    time: 'max(created, updated)',
    condition: `result IS NOT NULL AND status NOT IN ${ACTIVE}`,
  },
  audit: { table: 'audit_log', time: 'at', condition: 'true' },
  'dead-letters': { table: 'dead_letter', time: 'created', condition: 'true' },
  artifacts: { table: 'artifact_version', time: 'created', condition: 'true' },
} as const;

export function prune(sqlite: Sqlite, what: Retained, ...[limit, most]: readonly [RetentionLimit, number]): number {
  const { database } = sqlite;
  const ids = JSON.stringify(oldOf(sqlite, what, { limit, most }));
  if (what === 'results') {
    database.query('DELETE FROM execution_secret_value WHERE execution IN (SELECT value FROM json_each(?))').run(ids);
    return database.query('UPDATE execution SET result = NULL WHERE id IN (SELECT value FROM json_each(?))').run(ids)
      .changes;
  }
  return database.query(`DELETE FROM ${TABLES[what].table} WHERE id IN (SELECT value FROM json_each(?))`).run(ids)
    .changes;
}

/** The ids of the oldest rows beyond the limit. */
function oldOf(
  { database, now }: Sqlite,
  what: keyof typeof TABLES,
  { limit, most }: { readonly limit: RetentionLimit; readonly most: number },
): readonly number[] {
  const { table, time, condition } = TABLES[what];
  const byCount = limit.count === undefined ? undefined : beyond({ database }, table, limit.count);
  const cut = limit.days === undefined ? 0 : now() - limit.days * DAY_MS;
  return database
    .query<{ id: number }, [number, number, number]>(`
      SELECT id FROM ${table} WHERE ${condition} AND (id <= ? OR ${time} < ?) ORDER BY id LIMIT ?`)
    .all(byCount ?? 0, cut, most)
    .map(({ id }) => id);
}

/** The last id that is not among the newest; undefined if there are no others. */
function beyond({ database }: Pick<Sqlite, 'database'>, table: string, count: number): number | undefined {
  return database
    .query<{ id: number }, [number]>(`SELECT id FROM ${table} ORDER BY id DESC LIMIT 1 OFFSET ?`)
    .get(count)?.id;
}

export function findOldArtifacts(sqlite: Sqlite, limit: RetentionLimit, most: number): readonly OldArtifact[] {
  const ids = JSON.stringify(oldOf(sqlite, 'artifacts', { limit, most }));
  return sqlite.database
    .query<{ id: number; path: string }, [string]>(
      'SELECT id, file_path AS path FROM artifact_version WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
    )
    .all(ids)
    .map(({ id, path }) => ({ id: String(id), path }));
}

export function forgetArtifacts({ database }: Sqlite, ids: readonly string[]): void {
  database
    .query('DELETE FROM artifact_version WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))')
    .run(JSON.stringify(ids));
}
