import { AVOIDED_MS, DISPATCHES_BEFORE_TAKING_BACK, MOST_TAKEN_BACK } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { type RecoveredRow, readRecovered } from '#adapters/store/postgres/recovered.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import type { Recovered } from '#domain/schedule-store.ts';

/**
 * Takes back the executions that wait, unclaimed, for a worker that is gone, that is paused or has had no slot for a
 * while, or that does not claim them though it has, which makes the scheduler prefer others. Those executions never
 * began, so no retry is spent.
 */
export async function takeBack(
  { sql }: Caller,
  { leaseMs, olderThanMs }: { readonly leaseMs: number; readonly olderThanMs: number },
): Promise<Recovered> {
  const unclaimedMs = DISPATCHES_BEFORE_TAKING_BACK * olderThanMs;
  const rows = await sql<RecoveredRow[]>`
    WITH load AS (
      SELECT w.id, w.name,
        w.status = 'active' AND w.last_heartbeat >= now() - make_interval(secs => ${leaseMs / 1000}) AS is_fresh,
        COALESCE(w.meta ? 'paused', false)
          OR (SELECT count(*) FROM execution e WHERE e.worker = w.id
            AND e.indexed_status = 'assigned' AND e.status IN ${sql.unsafe(CLAIMED)})
          >= CASE jsonb_typeof(w.capabilities->'max_concurrent_executions')
            WHEN 'number' THEN (w.capabilities->>'max_concurrent_executions')::numeric ELSE 0 END AS is_full
      FROM worker w WHERE EXISTS (SELECT FROM execution e WHERE e.worker = w.id
        AND e.indexed_status = 'assigned' AND e.status = 'scheduled')
    ), stuck AS (
      SELECT e.id, e.worker, load.is_fresh AND NOT load.is_full AS is_unclaimed,
        format(CASE WHEN NOT load.is_fresh THEN 'worker %s is gone' WHEN load.is_full THEN 'worker %s had no free slot'
          ELSE 'worker %s did not claim it' END, load.name) AS reason
      FROM execution e JOIN load ON load.id = e.worker
      WHERE e.indexed_status = 'assigned' AND e.status = 'scheduled' AND (NOT load.is_fresh
        OR (load.is_full AND e.updated < now() - make_interval(secs => ${olderThanMs / 1000}))
        OR e.updated < now() - make_interval(secs => ${unclaimedMs / 1000}))
      LIMIT ${MOST_TAKEN_BACK} FOR UPDATE OF e SKIP LOCKED
    ), avoided AS (
      UPDATE worker w SET avoided_until = now() + make_interval(secs => ${AVOIDED_MS / 1000})
      WHERE w.id IN (SELECT worker FROM stuck WHERE is_unclaimed)
    ), recovered AS (
      UPDATE execution e SET status = 'requested', worker = NULL, schedule_after = now(), updated = now()
      FROM stuck WHERE e.id = stuck.id
      RETURNING e.*, stuck.reason
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM recovered r, LATERAL agent_events(r.id, r.action, r.action_ref, 'scheduled', r.status, NULL) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT id AS execution, status, reason, NULL AS outbox FROM recovered
    UNION ALL SELECT NULL, NULL, NULL, to_jsonb(enqueued) FROM enqueued`;
  return readRecovered(rows);
}
