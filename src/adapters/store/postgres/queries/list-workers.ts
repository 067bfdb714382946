import type { Caller } from '#adapters/store/postgres/connect.ts';
import { readWorkerView, type WorkerRow } from '#adapters/store/worker-row.ts';
import type { WorkerPage, WorkerView } from '#domain/client-store.ts';

export async function listWorkers(
  { sql }: Caller,
  leaseMs: number,
  { after, limit, isAlive = false }: WorkerPage = {},
): Promise<readonly WorkerView[]> {
  const isFresh = sql`
    w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AND w.meta ? 'instance'`;
  const rows = await sql<WorkerRow[]>`
    SELECT w.id, w.name, w.worker_type, w.host, w.status, w.capabilities, w.cordoned, w.cordon_reason,
      w.meta ->> 'paused' AS paused, w.capabilities ->> 'agent_binary_version' AS agent_version,
      extract(epoch FROM now() - w.last_heartbeat)::float8 * 1000 AS silent_ms,
      ${isFresh} AS is_fresh,
      (SELECT count(*)::int FROM execution e WHERE e.worker = w.id AND e.indexed_status = 'assigned') AS assigned
    FROM worker w WHERE w.id > ${after ?? '0'} ${isAlive ? sql`AND ${isFresh}` : sql``}
    ORDER BY w.id LIMIT ${limit ?? null}`;
  return rows.map(readWorkerView);
}
