import { type AttemptedRow, type AttemptRow, MOST_ATTEMPTS, readAttemptRows } from '#adapters/store/attempt-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { FINAL } from '#adapters/store/status-lists.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { AttemptView } from '#domain/operator-store.ts';

export function readAttempts({ database }: Sqlite, execution: ExecutionId): readonly AttemptView[] | undefined {
  const one = database
    .query<AttemptedRow, [string]>(`
      SELECT COALESCE(e.attempt, 0) AS attempt, w.id AS worker, w.name AS worker_name, e.dispatched_at, e.started_at,
        CASE WHEN e.status IN ${FINAL} THEN e.updated END AS ended,
        e.result ->> 'prepared_ms' AS prepared_ms, e.result ->> 'duration_ms' AS ran_ms
      FROM execution e LEFT JOIN worker w ON w.id = e.worker WHERE e.id = ?`)
    .get(execution);
  if (!one) return undefined;
  const rows = database
    .query<AttemptRow, [string, number]>(`
      SELECT t.attempt, t.worker, w.name AS worker_name, t.dispatched_at, t.claimed_at, t.ended_at, t.reason,
        t.prepared_ms, t.ran_ms
      FROM execution_attempt t LEFT JOIN worker w ON w.id = t.worker
      WHERE t.execution = ? ORDER BY t.attempt DESC LIMIT ?`)
    .all(execution, MOST_ATTEMPTS);
  return readAttemptRows(rows.toReversed(), one);
}
