import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { LogChunk } from '#domain/log.ts';
import type { LogRow } from './read-logs.ts';

export function readLogRange(
  { database }: Sqlite,
  ...[execution, { attempt, stream, from, to }, limit]: Parameters<ClientStore['readLogRange']>
): readonly LogChunk[] {
  const rows = database
    .query<LogRow, [string, number, string, number, number, number]>(`
      SELECT attempt, stream, seq, "offset", data, at FROM execution_log
      WHERE execution = ?1 AND attempt = ?2 AND stream = ?3 AND "offset" < ?4
        AND "offset" >= COALESCE((SELECT max("offset") FROM execution_log
          WHERE execution = ?1 AND attempt = ?2 AND stream = ?3 AND "offset" <= ?5), 0)
      ORDER BY "offset" LIMIT ?6`)
    .all(execution, attempt, stream, to, from, limit);
  return rows.map((row) => ({ ...row, execution }));
}
