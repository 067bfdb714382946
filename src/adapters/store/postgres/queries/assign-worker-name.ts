import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type WorkerId, workerId } from '#domain/ids.ts';

export async function assignWorkerName({ sql }: Caller, name: string, owner: string): Promise<WorkerId> {
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO worker (name, worker_type, status, owner) VALUES (${name}, 'container', 'inactive', ${owner})
    ON CONFLICT (name) DO UPDATE SET owner = EXCLUDED.owner, updated = now() RETURNING id`;
  if (!row) throw new Error(`worker ${name} could not be written`);
  return workerId(row.id);
}
