import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { LogCursor, LogPage } from '#domain/client-store.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { readLogs } from './read-logs.ts';

export function pollLogs(sqlite: Sqlite, cursors: readonly LogCursor[], limit: number): readonly LogPage[] {
  const statusOf = sqlite.database.query<{ status: ExecutionStatus }, [string]>(
    'SELECT status FROM execution WHERE id = ?',
  );
  return cursors.map((cursor) => ({
    status: statusOf.get(cursor.execution)?.status,
    chunks: readLogs(sqlite, cursor.execution, cursor, limit),
  }));
}
