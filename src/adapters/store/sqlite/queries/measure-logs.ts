import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { LogSize } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

export function measureLogs({ database }: Sqlite, execution: ExecutionId): readonly LogSize[] {
  return database
    .query<LogSize, [string]>(`
      SELECT attempt, stream, max("offset" + length(data)) AS bytes FROM execution_log
      WHERE execution = ? GROUP BY attempt, stream ORDER BY attempt, stream`)
    .all(execution);
}
