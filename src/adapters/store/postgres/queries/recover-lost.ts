import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type RecoveredRow, readRecovered } from '#adapters/store/postgres/recovered.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import type { Recovered } from '#domain/schedule-store.ts';

/**
 * Recovers executions whose lease is over: they are requested again while their retries allow, else abandoned, or
 * cancelled when that was wanted.
 */
export async function recoverLost({ sql }: Caller, limit: number): Promise<Recovered> {
  const rows = await sql<RecoveredRow[]>`
    WITH lost AS (
      SELECT e.id, e.status AS previous, e.dispatched_at, c.attempt,
        CASE WHEN e.status = 'canceling' THEN 'cancelled'
          WHEN e.retry_count < COALESCE(e.max_retries, (SELECT max_retries FROM action a WHERE a.id = e.action), 0)
            THEN 'requested'
          ELSE 'abandoned' END AS next,
        format('worker %s was lost during attempt %s',
          COALESCE((SELECT name FROM worker w WHERE w.id = c.worker), c.worker::text), c.attempt) AS reason
      FROM execution_claim c JOIN execution e ON e.id = c.execution
      WHERE c.lease_expires_at < now() AND e.status IN ${sql.unsafe(CLAIMED)}
      ORDER BY c.lease_expires_at LIMIT ${limit} FOR UPDATE OF e, c SKIP LOCKED
    ), freed AS (
      DELETE FROM execution_claim c USING lost WHERE c.execution = lost.id
    ), noted AS (
      UPDATE execution_attempt t SET dispatched_at = lost.dispatched_at, ended_at = now(), reason = lost.reason
      FROM lost WHERE lost.next = 'requested' AND t.execution = lost.id AND t.attempt = lost.attempt
    ), recovered AS (
      UPDATE execution e SET status = lost.next, updated = now(),
        worker = CASE WHEN lost.next = 'requested' THEN NULL ELSE e.worker END,
        retry_count = e.retry_count + CASE WHEN lost.next = 'requested' THEN 1 ELSE 0 END,
        retry_reason = CASE WHEN lost.next = 'requested' THEN lost.reason ELSE e.retry_reason END,
        schedule_after = CASE WHEN lost.next = 'requested' THEN now() ELSE e.schedule_after END,
        result = CASE lost.next WHEN 'requested' THEN NULL
          WHEN 'cancelled' THEN
            jsonb_build_object('succeeded', false, 'cancelled', true, 'error', 'cancelled; ' || lost.reason)
          ELSE jsonb_build_object('succeeded', false, 'error', lost.reason || ' and no retry is left') END
      FROM lost WHERE e.id = lost.id
      RETURNING e.*, lost.previous, lost.reason
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM recovered r, LATERAL agent_events(r.id, r.action, r.action_ref, r.previous, r.status, r.result) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT id AS execution, status, reason, NULL AS outbox FROM recovered
    UNION ALL SELECT NULL, NULL, NULL, to_jsonb(enqueued) FROM enqueued`;
  return readRecovered(rows);
}
