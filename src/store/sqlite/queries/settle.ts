import { executionId } from '#domain/ids.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { Settled, Settlement } from '#domain/store.ts';
import { type ExecutionColumns, finish, requestAgain } from '#store/sqlite/change-status.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function settle(sqlite: Sqlite, settlements: readonly Settlement[]): Settled {
  const settled = settlements.flatMap((settlement) => {
    const row = held(sqlite, settlement);
    return row ? [{ execution: executionId(row.id), messages: settleOne(sqlite, row, settlement) }] : [];
  });
  return { accepted: settled.map((one) => one.execution), messages: settled.flatMap((one) => one.messages) };
}

/** The compare part: only the holder of the claim gets the row. */
function held({ database }: Sqlite, { execution, attempt, worker, instance }: Settlement): ExecutionColumns | null {
  return database
    .query<ExecutionColumns, [string, number, string, string]>(`
      SELECT e.id, e.action, e.action_ref, e.status FROM execution e JOIN execution_claim c ON c.execution = e.id
      WHERE e.id = ? AND c.attempt = ? AND c.worker = ? AND c.instance = ? AND e.status IN ('running', 'canceling')`)
    .get(execution, attempt, worker, instance);
}

function settleOne(sqlite: Sqlite, row: ExecutionColumns, { verdict }: Settlement): readonly OutboxMessage[] {
  sqlite.database.query('DELETE FROM execution_claim WHERE execution = ?').run(row.id);
  if (verdict.kind === 'final') return finish(sqlite, row, verdict);
  if (row.status === 'canceling') return finish(sqlite, row, { status: 'cancelled', result: verdict.result });
  return requestAgain(sqlite, row, verdict);
}
