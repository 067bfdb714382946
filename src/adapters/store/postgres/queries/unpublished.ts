import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { OutboxStore } from '#domain/store.ts';

export async function unpublished(
  { sql }: Caller,
  ...[limit, olderThanMs, leaseMs]: Parameters<OutboxStore['unpublished']>
): Promise<readonly OutboxMessage[]> {
  const rows = await sql<OutboxRow[]>`
    SELECT id, message_id, exchange, routing_key, message
    FROM agent_unpublished(${limit}, ${olderThanMs / 1000}, ${leaseMs / 1000})`;
  return rows.map(readOutbox);
}
