import { executionId } from '#domain/ids.ts';
import type { Heartbeat } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { Sql } from '#store/postgres/connect.ts';

interface Row {
  readonly cordoned: boolean;
  readonly execution: string | null;
  readonly attempt: number;
  readonly status: string | null;
}

/** One statement for the worker and all its leases. A worker that was given up for lost is active again. */
export async function heartbeat(sql: Sql, { worker, instance }: WorkerSession, leaseMs: number): Promise<Heartbeat> {
  const rows = await sql<Row[]>`
    WITH alive AS (
      UPDATE worker SET last_heartbeat = now(),
        status = CASE WHEN meta ? 'draining' THEN 'inactive' ELSE 'active' END
      WHERE id = ${worker} AND meta->>'instance' = ${instance}
      RETURNING id, cordoned
    ), renewed AS (
      UPDATE execution_claim c SET lease_expires_at = now() + make_interval(secs => ${leaseMs / 1000})
      FROM alive WHERE c.worker = alive.id AND c.instance = ${instance}
      RETURNING c.execution, c.attempt
    )
    SELECT alive.cordoned, renewed.execution, renewed.attempt, e.status
    FROM alive LEFT JOIN renewed ON true LEFT JOIN execution e ON e.id = renewed.execution`;
  const [first] = rows;
  if (!first) return { kind: 'replaced' };
  const claims = rows.flatMap(({ execution, attempt, status }) =>
    execution === null ? [] : [{ execution: executionId(execution), attempt, isCanceling: status === 'canceling' }],
  );
  return { kind: 'alive', isCordoned: first.cordoned, claims };
}
