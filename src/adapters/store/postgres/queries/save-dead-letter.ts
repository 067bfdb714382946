import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { DeadLetter } from '#domain/schedule-store.ts';

export async function saveDeadLetter(
  { sql }: Caller,
  { queue, exchange, routingKey, reason, body }: DeadLetter,
): Promise<void> {
  await sql`
    INSERT INTO dead_letter (queue, exchange, routing_key, reason, body)
    VALUES (${queue}, ${exchange}, ${routingKey}, ${reason}, ${Buffer.from(body)})`;
}
