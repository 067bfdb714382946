import { type ExecutionColumns, finish, requestAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import { executionId } from '#domain/ids.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { Recovered } from '#domain/schedule-store.ts';

interface Lost extends ExecutionColumns {
  readonly reason: string;
  readonly may_retry: number;
}

export function recoverLost(sqlite: Sqlite, limit: number): Recovered {
  const lost = sqlite.database
    .query<Lost, [number, number]>(`
      SELECT e.id, e.action, e.action_ref, e.status,
        'worker ' || w.name || ' was lost during attempt ' || c.attempt AS reason,
        e.retry_count < COALESCE(e.max_retries, (SELECT max_retries FROM action a WHERE a.id = e.action), 0)
          AS may_retry
      FROM execution_claim c JOIN execution e ON e.id = c.execution JOIN worker w ON w.id = c.worker
      WHERE c.lease_expires_at < ? AND e.status IN ${CLAIMED} ORDER BY c.lease_expires_at LIMIT ?`)
    .all(sqlite.now(), limit);
  const recovered = lost.map((row) => ({ row, ...recover(sqlite, row) }));
  return {
    executions: recovered.map(({ row, status }) => ({ execution: executionId(row.id), status, reason: row.reason })),
    messages: recovered.flatMap((one) => one.messages),
  };
}

function recover(
  sqlite: Sqlite,
  row: Lost,
): { readonly status: 'cancelled' | 'requested' | 'abandoned'; readonly messages: readonly OutboxMessage[] } {
  sqlite.database.query('DELETE FROM execution_claim WHERE execution = ?').run(row.id);
  if (row.status === 'canceling') {
    const result = { succeeded: false, cancelled: true, error: `cancelled; ${row.reason}` };
    return { status: 'cancelled', messages: finish(sqlite, row, { status: 'cancelled', result }) };
  }
  if (row.may_retry) return { status: 'requested', messages: requestAgain(sqlite, row, { reason: row.reason }) };
  const result = { succeeded: false, error: `${row.reason} and no retry is left` };
  return { status: 'abandoned', messages: finish(sqlite, row, { status: 'abandoned', result }) };
}
