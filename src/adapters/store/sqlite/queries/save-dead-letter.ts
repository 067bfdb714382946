import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { DeadLetter } from '#domain/schedule-store.ts';

export function saveDeadLetter(
  { database, now }: Sqlite,
  { queue, exchange, routingKey, reason, body }: DeadLetter,
): void {
  database
    .query('INSERT INTO dead_letter (queue, exchange, routing_key, reason, body, created) VALUES (?, ?, ?, ?, ?, ?)')
    .run(queue, exchange, routingKey, reason, body, now());
}
