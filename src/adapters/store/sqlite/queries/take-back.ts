import { MOST_TAKEN_BACK } from '#adapters/store/limits.ts';
import { type ExecutionColumns, requestAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { executionId } from '#domain/ids.ts';
import type { Recovered } from '#domain/schedule-store.ts';

export function takeBack(
  sqlite: Sqlite,
  { leaseMs, olderThanMs }: { readonly leaseMs: number; readonly olderThanMs: number },
): Recovered {
  const now = sqlite.now();
  const stuck = sqlite.database
    .query<ExecutionColumns & { reason: string }, [number, number]>(`
      SELECT e.id, e.action, e.action_ref, e.status,
        'worker ' || w.name || CASE WHEN w.is_fresh THEN ' had no free slot' ELSE ' is gone' END AS reason
      FROM execution e JOIN (
        SELECT id, name, status = 'active' AND last_heartbeat >= ?1 AS is_fresh,
          (SELECT count(*) FROM execution x WHERE x.worker = worker.id AND x.status IN ${CLAIMED})
            >= CASE WHEN json_type(capabilities, '$.max_concurrent_executions') IN ('integer', 'real')
              THEN capabilities ->> 'max_concurrent_executions' ELSE 0 END AS is_full
        FROM worker
      ) w ON w.id = e.worker
      WHERE e.status = 'scheduled'
        AND (NOT w.is_fresh OR (w.is_full AND COALESCE(e.dispatched_at, e.updated) < ?2)) LIMIT ${MOST_TAKEN_BACK}`)
    .all(now - leaseMs, now - olderThanMs);
  return {
    executions: stuck.map((row) => ({ execution: executionId(row.id), status: 'requested', reason: row.reason })),
    messages: stuck.flatMap((row) => requestAgain(sqlite, row, {})),
  };
}
