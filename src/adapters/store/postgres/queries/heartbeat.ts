import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { Heartbeat } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import type { WorkerSession } from '#domain/worker.ts';

interface Row {
  readonly cordoned: boolean;
  readonly execution: string | null;
  readonly attempt: number;
  readonly status: string | null;
}

export async function heartbeat(
  { sql, owner }: Caller,
  { worker, instance }: WorkerSession,
  leaseMs: number,
): Promise<Heartbeat> {
  const rows = await sql<Row[]>`
    SELECT cordoned, execution, attempt, status
    FROM agent_heartbeat(${owner ?? null}, ${worker}, ${instance}, ${leaseMs / 1000})`;
  const [first] = rows;
  if (!first) return { kind: 'replaced' };
  const claims = rows.flatMap(({ execution, attempt, status }) =>
    execution === null ? [] : [{ execution: executionId(execution), attempt, isCanceling: status === 'canceling' }],
  );
  return { kind: 'alive', isCordoned: first.cordoned, claims };
}
