import type { OutboxMessage } from '#domain/messages.ts';
import { type OutboxRow, readOutbox } from '#store/outbox-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

export async function unpublished(sql: Sql, limit: number, olderThanMs: number): Promise<readonly OutboxMessage[]> {
  const rows = await sql<OutboxRow[]>`SELECT * FROM agent_unpublished(${limit}, ${olderThanMs / 1000})`;
  return rows.map(readOutbox);
}
