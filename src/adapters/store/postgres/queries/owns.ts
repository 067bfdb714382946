import type { ScopedCaller } from '#adapters/store/postgres/connect.ts';
import type { Upload } from '#domain/agent-store.ts';
import type { WorkerId } from '#domain/ids.ts';

export async function ownsWorker({ sql, owner }: ScopedCaller, worker: WorkerId): Promise<boolean> {
  const rows = await sql`SELECT FROM worker WHERE id = ${worker} AND agent_may(owner, ${owner})`;
  return rows.length > 0;
}

export async function mayUpload(
  { sql, owner }: ScopedCaller,
  { execution, attempt, instance = '' }: Upload,
): Promise<boolean> {
  const rows = await sql`
    SELECT FROM execution_claim c JOIN worker w ON w.id = c.worker
    WHERE c.execution = ${execution} AND c.attempt = ${attempt}
      AND c.lease_expires_at > now()
      AND (agent_may(w.owner, ${owner}) OR w.owner LIKE 'login:%' AND c.instance = ${instance})`;
  return rows.length > 0;
}
