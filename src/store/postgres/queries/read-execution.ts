import type { ExecutionView } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { type ExecutionRow, readView } from '#store/execution-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

export async function readExecution(sql: Sql, execution: ExecutionId): Promise<ExecutionView | undefined> {
  const [row] = await sql<ExecutionRow[]>`
    SELECT id, action_ref, status, result, worker, attempt, retry_count, retry_reason, started_at, created, updated
    FROM execution WHERE id = ${execution}`;
  return row && readView(row);
}
