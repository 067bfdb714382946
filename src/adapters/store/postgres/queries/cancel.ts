import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ACTIVE, CLAIMED } from '#adapters/store/status-lists.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';

/**
 * Cancels an execution that has not begun, and asks the worker of one that runs to end it. Cancelling again notifies
 * the worker again.
 */
export async function cancel(
  { sql }: Caller,
  execution: ExecutionId,
  by: string,
): Promise<(Messages & { readonly status: ExecutionStatus }) | undefined> {
  const rows = await sql<{ status: ExecutionStatus | null; outbox: OutboxRow | null }[]>`
    WITH found AS (
      SELECT id, status AS previous FROM execution WHERE id = ${execution} FOR UPDATE
    ), stopped AS (
      UPDATE execution e SET updated = now(),
        status = CASE WHEN found.previous IN ${sql.unsafe(CLAIMED)} THEN 'canceling' ELSE 'cancelled' END,
        result = CASE WHEN found.previous IN ${sql.unsafe(CLAIMED)} THEN e.result
          ELSE jsonb_build_object('succeeded', false, 'cancelled', true,
            'error', 'cancelled by ' || ${by}::text || ' before it began') END
      FROM found WHERE e.id = found.id AND found.previous IN ${sql.unsafe(ACTIVE)}
      RETURNING e.*, found.previous
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM stopped s, LATERAL agent_events(s.id, s.action, s.action_ref, s.previous, s.status, s.result) m
      WHERE s.previous <> s.status
      UNION ALL
      SELECT 'attune.executions', 'execution.cancel.worker.' || worker,
        jsonb_build_object('message_type', 'ExecutionCancelRequested',
          'payload', jsonb_build_object('execution_id', id, 'worker_id', worker))
      FROM stopped WHERE status = 'canceling' AND worker IS NOT NULL
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT COALESCE(stopped.status, found.previous) AS status, NULL AS outbox FROM found LEFT JOIN stopped ON true
    UNION ALL SELECT NULL, to_jsonb(enqueued) FROM enqueued`;
  const status = rows.find((row) => row.status !== null)?.status;
  if (!status) return undefined;
  return { status, messages: rows.flatMap(({ outbox }) => (outbox === null ? [] : [readOutbox(outbox)])) };
}
