import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { AgentStore, Heartbeat } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';

interface Row {
  readonly cordoned: boolean;
  readonly execution: string | null;
  readonly attempt: number;
  readonly status: string | null;
}

export async function heartbeat(
  { sql, owner }: Caller,
  ...[{ worker, instance }, leaseMs, mostScheduled = 0]: Parameters<AgentStore['heartbeat']>
): Promise<Heartbeat> {
  const rows = await sql<Row[]>`
    SELECT cordoned, execution, attempt, status
    FROM agent_heartbeat(${owner ?? null}, ${worker}, ${instance}, ${leaseMs / 1000}, ${mostScheduled})`;
  const [first] = rows;
  if (!first) return { kind: 'replaced' };
  const attempts = rows.flatMap(({ execution, attempt, status }) =>
    execution === null ? [] : [{ execution: executionId(execution), attempt, status }],
  );
  return {
    kind: 'alive',
    isCordoned: first.cordoned,
    claims: attempts
      .filter(({ status }) => status !== 'scheduled')
      .map(({ execution, attempt, status }) => ({ execution, attempt, isCanceling: status === 'canceling' })),
    scheduled: attempts
      .filter(({ status }) => status === 'scheduled')
      .map(({ execution, attempt }) => ({ execution, attempt })),
  };
}
