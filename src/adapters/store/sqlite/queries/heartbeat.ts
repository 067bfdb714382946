import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { AgentStore, Heartbeat } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';

export function heartbeat(
  { database, now }: Sqlite,
  ...[{ worker, instance }, leaseMs, mostScheduled = 0]: Parameters<AgentStore['heartbeat']>
): Heartbeat {
  const alive = database
    .query<{ cordoned: number }, [number, number, string, string]>(`
      UPDATE worker SET last_heartbeat = ?, lease_expires_at = ?,
        status = CASE WHEN draining THEN 'inactive' ELSE 'active' END
      WHERE id = ? AND instance = ? RETURNING cordoned`)
    .get(now(), now() + leaseMs, worker, instance);
  if (!alive) return { kind: 'replaced' };
  database
    .query('UPDATE execution_claim SET lease_expires_at = ? WHERE worker = ? AND instance = ?')
    .run(now() + leaseMs, worker, instance);
  const claims = database
    .query<{ execution: number; attempt: number; status: string }, [string, string]>(`
      SELECT c.execution, c.attempt, e.status FROM execution_claim c JOIN execution e ON e.id = c.execution
      WHERE c.worker = ? AND c.instance = ?`)
    .all(worker, instance);
  const scheduled = database
    .query<{ id: number; attempt: number }, [string, number]>(`
      SELECT id, COALESCE(attempt, 0) AS attempt FROM execution WHERE worker = ? AND status = 'scheduled'
      ORDER BY priority DESC, id LIMIT ?`)
    .all(worker, mostScheduled);
  return {
    kind: 'alive',
    isCordoned: alive.cordoned === 1,
    claims: claims.map(({ execution, attempt, status }) => ({
      execution: executionId(execution),
      attempt,
      isCanceling: status === 'canceling',
    })),
    scheduled: scheduled.map(({ id, attempt }) => ({ execution: executionId(id), attempt })),
  };
}
