import { WORKER_DAYS } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';

/**
 * Forgets ephemeral workers that have not been heard of for a while, and others after a month, and returns their names.
 * Their executions stay, without the name. A worker that comes back all the same registers anew.
 */
export async function forgetWorkers({ sql }: Caller, olderThanMs: number): Promise<readonly string[]> {
  const gone = await sql<{ name: string }[]>`
    DELETE FROM worker WHERE id IN (SELECT id FROM worker w
    WHERE (w.capabilities->'ephemeral' = 'true'
        AND COALESCE(w.last_heartbeat, w.updated) < now() - make_interval(secs => ${olderThanMs / 1000})
      OR NOT w.cordoned AND w.last_heartbeat < now() - make_interval(days => ${WORKER_DAYS}))
      AND w.worker_role = 'action'
      AND NOT EXISTS (SELECT FROM execution e WHERE e.worker = w.id AND e.indexed_status = 'assigned')
    FOR UPDATE SKIP LOCKED)
    RETURNING name`;
  return gone.map(({ name }) => name);
}
