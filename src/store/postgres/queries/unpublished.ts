import type { OutboxMessage } from '#domain/messages.ts';
import { type OutboxRow, readOutbox } from '#store/outbox-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

export async function unpublished(sql: Sql, limit: number, olderThanMs: number): Promise<readonly OutboxMessage[]> {
  const rows = await sql<OutboxRow[]>`
    SELECT id, message_id, exchange, routing_key, message FROM outbox
    WHERE created <= now() - make_interval(secs => ${olderThanMs / 1000}) ORDER BY id LIMIT ${limit}`;
  return rows.map(readOutbox);
}
