import { randomUUID } from 'node:crypto';
import { type ExecutionStatus, isFinal } from '#domain/execution-status.ts';
import { completedStatus, EXCHANGES, type OutboxMessage } from '#domain/messages.ts';
import type { Sqlite } from './open.ts';

/** Leaves a message in the outbox. */
export function enqueueMessage(
  { database, now }: Sqlite,
  routingKey: string,
  {
    exchange = EXCHANGES.executions,
    ...message
  }: Pick<OutboxMessage, 'messageType' | 'payload'> & { readonly exchange?: string },
): OutboxMessage {
  const messageId = randomUUID();
  const text = JSON.stringify({ message_type: message.messageType, payload: message.payload });
  const { lastInsertRowid } = database
    .query('INSERT INTO outbox (message_id, exchange, routing_key, message, created) VALUES (?, ?, ?, ?, ?)')
    .run(messageId, exchange, routingKey, text, now());
  return { outboxId: String(lastInsertRowid), messageId, exchange, routingKey, ...message };
}

export interface Change {
  readonly id: number;
  readonly action: number | null;
  readonly action_ref: string;
  readonly previous: ExecutionStatus;
  readonly status: ExecutionStatus;
  readonly result: unknown;
}

/** Enqueues the messages that a change of status requires. */
export function enqueueChangeMessages(sqlite: Sqlite, change: Change): readonly OutboxMessage[] {
  if (!sqlite.events.areWanted) return [];
  const at = new Date(sqlite.now()).toISOString();
  const changed = enqueueMessage(sqlite, 'execution.status.changed', {
    messageType: 'ExecutionStatusChanged',
    payload: {
      execution_id: change.id,
      action_ref: change.action_ref,
      previous_status: change.previous,
      new_status: change.status,
      changed_at: at,
    },
  });
  if (!isFinal(change.status)) return [changed];
  const completed = enqueueMessage(sqlite, 'execution.completed', {
    messageType: 'ExecutionCompleted',
    payload: {
      execution_id: change.id,
      action_id: change.action,
      action_ref: change.action_ref,
      status: completedStatus(change.status),
      result: change.result,
      completed_at: at,
    },
  });
  return [changed, completed];
}
