import type { Messages } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type OutboxRow, readOutbox } from '#store/outbox-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

/** Inactive from now on, though alive; what waits for it is requested again, at no cost of a retry. */
export async function beginDrain(sql: Sql, { worker, instance }: WorkerSession): Promise<Messages> {
  const rows = await sql<OutboxRow[]>`
    WITH draining AS (
      UPDATE worker SET status = 'inactive', meta = meta || '{"draining": true}', updated = now()
      WHERE id = ${worker} AND meta->>'instance' = ${instance}
      RETURNING id
    ), released AS (
      UPDATE execution e SET status = 'requested', worker = NULL, schedule_after = now(), updated = now()
      FROM draining WHERE e.worker = draining.id AND e.status = 'scheduled'
      RETURNING e.id, e.action, e.action_ref
    )
    INSERT INTO outbox (exchange, routing_key, message)
    SELECT 'attune.executions', m.routing_key, m.message
    FROM released r, LATERAL agent_messages(r.id, r.action, r.action_ref, 'scheduled', 'requested', NULL) m
    RETURNING id, message_id, exchange, routing_key, message`;
  return { messages: rows.map(readOutbox) };
}
