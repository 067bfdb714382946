import { AVOIDED_MS, DISPATCHES_BEFORE_TAKING_BACK, MOST_TAKEN_BACK } from '#adapters/store/limits.ts';
import { type ExecutionColumns, requestAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { executionId } from '#domain/ids.ts';
import type { Recovered } from '#domain/schedule-store.ts';

interface Stuck extends ExecutionColumns {
  readonly worker: number;
  readonly is_unclaimed: number;
  readonly reason: string;
}

export function takeBack(
  sqlite: Sqlite,
  { leaseMs, olderThanMs }: { readonly leaseMs: number; readonly olderThanMs: number },
): Recovered {
  const now = sqlite.now();
  const stuck = sqlite.database
    .query<Stuck, [number, number, number]>(`
      SELECT e.id, e.action, e.action_ref, e.status, e.worker, w.is_fresh AND NOT w.is_full AS is_unclaimed,
        'worker ' || w.name || CASE WHEN NOT w.is_fresh THEN ' is gone' WHEN w.is_full THEN ' had no free slot'
          ELSE ' did not claim it' END AS reason
      FROM execution e JOIN (
        SELECT id, name, status = 'active' AND last_heartbeat >= ?1 AS is_fresh,
          paused IS NOT NULL OR (SELECT count(*) FROM execution x WHERE x.worker = worker.id AND x.status IN ${CLAIMED})
            >= CASE WHEN json_type(capabilities, '$.max_concurrent_executions') IN ('integer', 'real')
              THEN capabilities ->> 'max_concurrent_executions' ELSE 0 END AS is_full
        FROM worker
      ) w ON w.id = e.worker
      WHERE e.status = 'scheduled' AND (NOT w.is_fresh OR (w.is_full AND e.updated < ?2) OR e.updated < ?3)
      LIMIT ${MOST_TAKEN_BACK}`)
    .all(now - leaseMs, now - olderThanMs, now - DISPATCHES_BEFORE_TAKING_BACK * olderThanMs);
  const avoid = sqlite.database.query('UPDATE worker SET avoided_until = ? WHERE id = ?');
  for (const { worker } of stuck.filter((row) => row.is_unclaimed === 1)) avoid.run(now + AVOIDED_MS, worker);
  return {
    executions: stuck.map((row) => ({ execution: executionId(row.id), status: 'requested', reason: row.reason })),
    messages: stuck.flatMap((row) => requestAgain(sqlite, row, {})),
  };
}
