import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { LogCursor, LogPage } from '#domain/client-store.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { chunksBehind, type LogRow, readLogRow } from './read-logs.ts';

/**
 * Reads the next log chunks of many cursors in two statements, whatever their number: statuses first, since all logs of
 * an ended execution were there before its end was.
 */
export async function pollLogs(
  { sql }: Caller,
  cursors: readonly LogCursor[],
  limit: number,
): Promise<readonly LogPage[]> {
  const executions = JSON.stringify(cursors.map((one) => one.execution));
  const states = await sql<{ id: string; status: ExecutionStatus }[]>`
    SELECT id, status FROM execution
    WHERE id = ANY(ARRAY(SELECT json_array_elements_text(${executions}::text::json)::bigint))`;
  const rows = await sql<(LogRow & { n: number })[]>`
    SELECT g.n, l.* FROM json_to_recordset(${JSON.stringify(cursors.map((one, n) => ({ n, ...one })))}::text::json)
      AS g(n INTEGER, execution BIGINT, attempt INTEGER, seq INTEGER)
    CROSS JOIN LATERAL (${chunksBehind(sql, limit)}) l ORDER BY g.n, l.attempt, l.seq`;
  const statuses = new Map(states.map((one) => [one.id, one.status]));
  const chunks = Map.groupBy(rows, (row) => row.n);
  return cursors.map(({ execution }, n) => ({
    status: statuses.get(execution),
    chunks: (chunks.get(n) ?? []).map((row) => readLogRow(execution, row)),
  }));
}
