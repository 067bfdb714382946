import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { WorkerSession } from '#domain/worker.ts';

export async function deregister({ sql, owner }: Caller, { worker, instance }: WorkerSession): Promise<void> {
  await sql`SELECT agent_deregister(${owner ?? null}, ${worker}, ${instance})`;
}
