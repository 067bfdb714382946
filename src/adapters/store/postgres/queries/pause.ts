import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { Messages } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';

export async function pause(
  { sql, owner }: Caller,
  { worker, instance }: WorkerSession,
  why: string | undefined,
): Promise<Messages> {
  const rows = await sql<OutboxRow[]>`
    SELECT id, message_id, exchange, routing_key, message
    FROM agent_pause(${owner ?? null}, ${worker}, ${instance}, ${why ?? null})`;
  return { messages: rows.map(readOutbox) };
}
