import type { OutboxMessage } from '#domain/messages.ts';

export interface OutboxRow {
  readonly id: string | number;
  readonly message_id: string;
  readonly exchange: string;
  readonly routing_key: string;
  readonly message: { readonly message_type: string; readonly payload: Readonly<Record<string, unknown>> };
}

export function readOutbox(row: OutboxRow): OutboxMessage {
  return {
    outboxId: String(row.id),
    messageId: row.message_id,
    exchange: row.exchange,
    routingKey: row.routing_key,
    messageType: row.message.message_type,
    payload: row.message.payload,
  };
}
