import { type ExecutionColumns, finish } from '#adapters/store/sqlite/change-status.ts';
import { enqueueChangeMessages, enqueueMessage } from '#adapters/store/sqlite/enqueue-messages.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { type ExecutionStatus, nextStatus } from '#domain/execution-status.ts';
import { type ExecutionId, workerId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';
import { cancelKey, type OutboxMessage } from '#domain/messages.ts';

type Row = ExecutionColumns & { readonly worker: number | null };

export function cancel(
  sqlite: Sqlite,
  execution: ExecutionId,
  by: string,
): (Messages & { readonly status: ExecutionStatus }) | undefined {
  const row = sqlite.database
    .query<Row, [string]>('SELECT id, action, action_ref, status, worker FROM execution WHERE id = ?')
    .get(execution);
  if (!row) return undefined;
  const next = nextStatus(row.status, 'cancel');
  if (next === undefined) return { status: row.status, messages: [] };
  if (next === 'canceling') return { status: next, messages: askWorker(sqlite, row) };
  const result = { succeeded: false, cancelled: true, error: `cancelled by ${by} before it began` };
  return { status: next, messages: finish(sqlite, row, { status: next, result }) };
}

function askWorker(sqlite: Sqlite, row: Row): readonly OutboxMessage[] {
  const { database, now } = sqlite;
  database.query(`UPDATE execution SET status = 'canceling', updated = ? WHERE id = ?`).run(now(), row.id);
  const changes =
    row.status === 'canceling'
      ? []
      : enqueueChangeMessages(sqlite, { ...row, previous: row.status, status: 'canceling', result: null });
  if (row.worker === null) return changes;
  const request = enqueueMessage(sqlite, cancelKey(workerId(row.worker)), {
    messageType: 'ExecutionCancelRequested',
    payload: { execution_id: row.id, worker_id: row.worker },
  });
  return [...changes, request];
}
