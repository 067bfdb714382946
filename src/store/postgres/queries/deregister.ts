import type { WorkerSession } from '#domain/worker.ts';
import type { Sql } from '#store/postgres/connect.ts';

/** The row stays, for its history and its cordon; what it still held is for the monitor to recover, at once. */
export async function deregister(sql: Sql, { worker, instance }: WorkerSession): Promise<void> {
  await sql`
    WITH gone AS (
      UPDATE worker SET status = 'inactive', meta = meta - '{instance,pid,process,draining}'::text[], updated = now()
      WHERE id = ${worker} AND meta->>'instance' = ${instance}
      RETURNING id
    )
    UPDATE execution_claim c SET lease_expires_at = now() FROM gone WHERE c.worker = gone.id AND c.instance = ${instance}`;
}
