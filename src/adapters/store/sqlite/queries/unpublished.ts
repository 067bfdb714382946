import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { OutboxStore } from '#domain/store.ts';

export function unpublished(
  { database, now }: Sqlite,
  ...[limit, olderThanMs, leaseMs]: Parameters<OutboxStore['unpublished']>
): readonly OutboxMessage[] {
  const rows = database
    .query<Omit<OutboxRow, 'message'> & { message: string }, [number, number, number, number]>(`
      UPDATE outbox SET taken_until = ?1 + ?2 WHERE id IN (
        SELECT id FROM outbox WHERE created <= ?1 - ?3 AND COALESCE(taken_until <= ?1, 1) ORDER BY id LIMIT ?4
      ) RETURNING id, message_id, exchange, routing_key, message`)
    .all(now(), leaseMs, olderThanMs, limit);
  return rows
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map((row) => readOutbox({ ...row, message: JSON.parse(row.message) }));
}
