import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { readWorkerView, type WorkerRow } from '#adapters/store/worker-row.ts';
import type { WorkerPage, WorkerView } from '#domain/client-store.ts';

/** The subquery needs the index of heartbeats alone. */
const ALIVE = 'AND w.id IN (SELECT id FROM worker WHERE last_heartbeat >= ?1 - ?4) AND w.instance IS NOT NULL';

export function listWorkers(
  { database, now }: Sqlite,
  leaseMs: number,
  { after = '0', limit = -1, isAlive = false }: WorkerPage = {},
): readonly WorkerView[] {
  const rows = database
    .query<WorkerRow & { capabilities: string }, [number, string, number, number]>(`
      SELECT w.id, w.name, w.worker_type, w.host, w.status, w.capabilities, w.cordoned, w.cordon_reason,
        w.paused, w.capabilities ->> 'agent_binary_version' AS agent_version, ?1 - w.last_heartbeat AS silent_ms,
        w.last_heartbeat >= ?1 - ?4 AND w.instance IS NOT NULL AS is_fresh,
        (SELECT count(*) FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED}) AS assigned
      FROM worker w WHERE w.id > CAST(?2 AS INTEGER) ${isAlive ? ALIVE : ''} ORDER BY w.id LIMIT ?3`)
    .all(now(), after, limit, leaseMs);
  return rows.map((row) => readWorkerView({ ...row, capabilities: JSON.parse(row.capabilities) }));
}
