import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { THIS_PROCESS } from '#adapters/store/sqlite/queries/register.ts';
import { HOLDS_NOTHING, removeWorkers } from '#adapters/store/sqlite/remove-workers.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import type { WorkerId } from '#domain/ids.ts';
import type { WorkerRemoval } from '#domain/worker.ts';

const FRESH_MS = MINUTE_MS;

/** Removes a worker that holds nothing. */
export function removeWorker({ database, now }: Sqlite, worker: WorkerId, leaseMs: number | undefined): WorkerRemoval {
  const found = database
    .query<{ id: number; owner: string | null; is_fresh: number; is_idle: number }, [number, string]>(`
      SELECT id, owner, COALESCE(last_heartbeat >= ? AND instance IS NOT NULL, 0) AS is_fresh,
        ${HOLDS_NOTHING} AS is_idle
      FROM worker w WHERE id = ?`)
    .get(now() - (leaseMs ?? FRESH_MS), worker);
  if (!found) return 'unknown';
  if (!found.is_idle) return 'busy';
  if (found.is_fresh && found.owner === THIS_PROCESS) return 'own';
  if (found.is_fresh && leaseMs !== undefined) return 'alive';
  removeWorkers({ database }, [found]);
  return 'removed';
}
