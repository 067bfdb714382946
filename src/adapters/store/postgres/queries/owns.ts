import type { Sql } from '#adapters/store/postgres/connect.ts';
import type { ExecutionId, WorkerId } from '#domain/ids.ts';

export async function ownsWorker(sql: Sql, owner: string, worker: WorkerId): Promise<boolean> {
  const rows = await sql`SELECT FROM worker WHERE id = ${worker} AND agent_may(owner, ${owner})`;
  return rows.length > 0;
}

export async function mayUpload(
  sql: Sql,
  owner: string,
  { execution, attempt }: { readonly execution: ExecutionId; readonly attempt: number },
): Promise<boolean> {
  const rows = await sql`
    SELECT FROM execution_claim c JOIN worker w ON w.id = c.worker
    WHERE c.execution = ${execution} AND c.attempt = ${attempt} AND (agent_may(w.owner, ${owner}) OR w.owner LIKE 'login:%')`;
  return rows.length > 0;
}
