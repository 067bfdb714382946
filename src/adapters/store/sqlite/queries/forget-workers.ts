import { WORKER_DAYS } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
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
        AND NOT EXISTS (SELECT 1 FROM execution_claim c WHERE c.worker = w.id)
        AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED})`)
    .all(now() - olderThanMs, now() - WORKER_DAYS * DAY_MS);
  for (const { id } of gone) {
    database.query('UPDATE execution SET worker = NULL WHERE worker = ?').run(id);
    database.query('DELETE FROM worker WHERE id = ?').run(id);
  }
  return gone.map(({ name }) => name);
}
