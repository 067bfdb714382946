import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type RecoveredRow, readRecovered } from '#adapters/store/postgres/recovered.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import type { Recovered } from '#domain/schedule-store.ts';

/**
 * Recovers executions whose lease, which is that of their worker, is over, or whose process has lost its name: they are
 * requested again while their retries allow, else abandoned, or cancelled when that was wanted. A worker that is judged
 * silent cannot be heard meanwhile: its heartbeat waits for the lock of its row, and then tells what is left.
 */
export async function recoverLost({ sql }: Caller, limit: number): Promise<Recovered> {
  const rows = await sql<RecoveredRow[]>`
    WITH silent AS MATERIALIZED (
      SELECT w.id, w.meta->>'instance' AS instance FROM worker w
      WHERE w.id = ANY(ARRAY(SELECT DISTINCT worker FROM execution
          WHERE indexed_status = 'assigned' AND status IN ${sql.unsafe(CLAIMED)}))
        AND COALESCE(w.lease_expires_at, '-infinity') < now()
      FOR SHARE OF w SKIP LOCKED
    ), found AS MATERIALIZED (
      SELECT e.id, e.attempt, e.instance FROM execution e
      LEFT JOIN worker w ON w.id = e.worker AND w.meta->>'instance' = e.instance
      LEFT JOIN silent s ON s.id = w.id AND s.instance = e.instance
      WHERE e.indexed_status = 'assigned' AND e.status IN ${sql.unsafe(CLAIMED)} AND e.instance IS NOT NULL
        AND (w.id IS NULL OR s.id IS NOT NULL)
      ORDER BY e.id LIMIT ${limit}
    ), lost AS (
      SELECT e.id, e.status AS previous, e.worker, e.dispatched_at, COALESCE(e.claimed_at, now()) AS claimed_at,
        COALESCE(e.attempt, 0) AS attempt,
        CASE WHEN e.status = 'canceling' THEN 'cancelled'
          WHEN e.retry_count < COALESCE(e.max_retries, (SELECT max_retries FROM action a WHERE a.id = e.action), 0)
            THEN 'requested'
          ELSE 'abandoned' END AS next,
        format('worker %s was lost during attempt %s',
          COALESCE((SELECT name FROM worker w WHERE w.id = e.worker), e.worker::text), COALESCE(e.attempt, 0)) AS reason
      FROM found f JOIN execution e ON e.id = f.id
      WHERE e.status IN ${sql.unsafe(CLAIMED)} AND e.instance = f.instance AND e.attempt IS NOT DISTINCT FROM f.attempt
      FOR NO KEY UPDATE OF e SKIP LOCKED
    ), noted AS (
      INSERT INTO execution_attempt (execution, attempt, worker, claimed_at, dispatched_at, ended_at, reason)
      SELECT id, attempt, worker, claimed_at, dispatched_at, now(), reason FROM lost WHERE next = 'requested'
      ON CONFLICT (execution, attempt) DO UPDATE
        SET dispatched_at = EXCLUDED.dispatched_at, ended_at = EXCLUDED.ended_at, reason = EXCLUDED.reason
    ), recovered AS (
      UPDATE execution e SET status = lost.next, updated = now(), instance = NULL, token_hash = NULL,
        claimed_at = CASE WHEN lost.next <> 'requested' THEN e.claimed_at END,
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
