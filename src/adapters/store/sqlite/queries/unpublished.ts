import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { OutboxMessage } from '#domain/messages.ts';

export function unpublished({ database, now }: Sqlite, limit: number, olderThanMs: number): readonly OutboxMessage[] {
  const rows = database
    .query<Omit<OutboxRow, 'message'> & { message: string }, [number, number]>(
      'SELECT id, message_id, exchange, routing_key, message FROM outbox WHERE created <= ? ORDER BY id LIMIT ?',
    )
    .all(now() - olderThanMs, limit);
  return rows.map((row) => readOutbox({ ...row, message: JSON.parse(row.message) }));
}
