import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { WorkerId } from '#domain/ids.ts';
import type { WorkerRemoval } from '#domain/worker.ts';

/** Removes a worker that holds nothing. Its row is locked first: from then on nothing can be scheduled for it. */
export async function removeWorker(
  { sql }: Caller,
  worker: WorkerId,
  leaseMs: number | undefined,
): Promise<WorkerRemoval> {
  return await sql.begin(async (transaction) => {
    await transaction`SELECT FROM worker WHERE id = ${worker} AND worker_role = 'action' FOR UPDATE`;
    const [found] = await transaction<{ is_fresh: boolean; is_busy: boolean }[]>`
      SELECT COALESCE(w.last_heartbeat >= now() - make_interval(secs => ${(leaseMs ?? 0) / 1000}), false)
          AND w.meta ? 'instance' AS is_fresh,
        EXISTS (SELECT FROM execution e WHERE e.worker = w.id AND e.indexed_status = 'assigned') AS is_busy
      FROM worker w WHERE w.id = ${worker} AND w.worker_role = 'action'`;
    if (!found) return 'unknown';
    if (found.is_busy) return 'busy';
    if (found.is_fresh && leaseMs !== undefined) return 'alive';
    await transaction`DELETE FROM worker WHERE id = ${worker}`;
    return 'removed';
  });
}
