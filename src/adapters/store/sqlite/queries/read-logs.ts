import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { StreamName } from '#domain/execution.ts';
import type { LogChunk } from '#domain/log.ts';

export interface LogRow {
  readonly attempt: number;
  readonly stream: StreamName;
  readonly seq: number;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly at: number;
}

export function readLogs(
  { database }: Sqlite,
  ...[execution, { attempt, seq }, limit]: Parameters<ClientStore['readLogs']>
): readonly LogChunk[] {
  const rows = database
    .query<LogRow, [string, number, number, number]>(`
      SELECT attempt, stream, seq, "offset", data, at FROM execution_log
      WHERE execution = ? AND (attempt, seq) > (?, ?) ORDER BY attempt, seq LIMIT ?`)
    .all(execution, attempt, seq, limit);
  return rows.map((row) => ({ ...row, execution }));
}
