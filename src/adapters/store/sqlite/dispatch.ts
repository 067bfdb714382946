import type { OutboxMessage } from '#domain/messages.ts';
import { enqueueMessage } from './enqueue-messages.ts';
import type { Sqlite } from './open.ts';

interface Row {
  readonly id: number;
  readonly worker: number;
  readonly action_ref: string;
  readonly config: string | null;
  readonly attempt: number;
  readonly updated: number;
}

/** Enqueues the dispatch message of a scheduled execution. */
export function enqueueDispatch(
  sqlite: Sqlite,
  execution: string | number,
  routingKey: string,
): readonly OutboxMessage[] {
  const row = sqlite.database
    .query<Row, [string | number]>(
      'SELECT id, worker, action_ref, config, attempt, updated FROM execution WHERE id = ?',
    )
    .get(execution);
  if (!row) return [];
  const payload = {
    execution_id: row.id,
    worker_id: row.worker,
    action_ref: row.action_ref,
    config: row.config === null ? null : JSON.parse(row.config),
    scheduled_attempt_updated_at: new Date(row.updated).toISOString(),
    attempt: row.attempt,
  };
  return [enqueueMessage(sqlite, routingKey, { messageType: 'ExecutionRequested', payload })];
}
