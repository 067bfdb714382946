import { readCapabilities } from '#adapters/store/capabilities.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { workerId } from '#domain/ids.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';

interface LoadRow {
  readonly id: number;
  readonly name: string;
  readonly capabilities: string;
  readonly cordoned: number;
  readonly is_paused: number;
  readonly is_fresh: number;
  readonly is_avoided: number;
  readonly assigned: number;
}

export function readLoads({ database, now }: Sqlite, leaseMs: number): readonly WorkerLoad[] {
  const rows = database
    .query<LoadRow, [number, number]>(`
      SELECT w.id, w.name, w.cordoned, w.status = 'active' AND w.is_alive AS is_fresh,
        CASE WHEN w.is_alive THEN w.capabilities ELSE 'null' END AS capabilities,
        COALESCE(w.avoided_until > ?2, 0) AS is_avoided,
        w.paused IS NOT NULL AS is_paused,
        (SELECT count(*) FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED}) AS assigned
      FROM (SELECT *, COALESCE(last_heartbeat >= ?1, 0) AS is_alive FROM worker) w
      ORDER BY w.id`)
    .all(now() - leaseMs, now());
  return rows.map((row) => ({
    ...readCapabilities(JSON.parse(row.capabilities)),
    worker: workerId(row.id),
    name: row.name,
    isCordoned: row.cordoned === 1,
    isPaused: row.is_paused === 1,
    isFresh: row.is_fresh === 1,
    isAvoided: row.is_avoided === 1,
    assigned: row.assigned,
  }));
}
