import type { ExecutionView } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { type ExecutionRow, readView } from '#store/execution-row.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function readExecution({ database }: Sqlite, execution: ExecutionId): ExecutionView | undefined {
  const row = database
    .query<ExecutionRow & { result: string | null }, [string]>(`
      SELECT id, action_ref, status, result, worker, attempt, retry_count, retry_reason, started_at, created, updated
      FROM execution WHERE id = ?`)
    .get(execution);
  return row ? readView({ ...row, result: row.result === null ? null : JSON.parse(row.result) }) : undefined;
}
