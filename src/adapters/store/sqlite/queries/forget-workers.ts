import { WORKER_DAYS } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { HOLDS_NOTHING, removeWorkers } from '#adapters/store/sqlite/remove-workers.ts';
import { DAY_MS } from '#domain/durations.ts';

/**
 * Forgets ephemeral workers that have not been heard of for a while, and others after a month, and returns their names.
 * Their executions stay, without the name. A worker that comes back all the same registers anew.
 */
export function forgetWorkers({ database, now }: Sqlite, olderThanMs: number): readonly string[] {
  const gone = database
    .query<{ id: number; name: string }, [number, number]>(`
      SELECT id, name FROM worker w
      WHERE (json_type(capabilities, '$.ephemeral') = 'true' AND COALESCE(last_heartbeat, 0) < ?1
          OR NOT cordoned AND last_heartbeat < ?2)
        AND ${HOLDS_NOTHING}`)
    .all(now() - olderThanMs, now() - WORKER_DAYS * DAY_MS);
  removeWorkers({ database }, gone);
  return gone.map(({ name }) => name);
}
