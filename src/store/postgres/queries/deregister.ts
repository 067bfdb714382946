import type { WorkerSession } from '#domain/worker.ts';
import type { Caller } from '#store/postgres/connect.ts';

export async function deregister({ sql, owner }: Caller, { worker, instance }: WorkerSession): Promise<void> {
  await sql`SELECT agent_deregister(${owner ?? null}, ${worker}, ${instance})`;
}
