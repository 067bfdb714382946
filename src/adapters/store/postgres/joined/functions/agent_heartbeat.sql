-- Renews a worker and all its leases, and returns the claims that it still holds, and the executions that are scheduled
-- for it and that it has not claimed, most_scheduled at most. A draining worker is busy: nothing is scheduled for it, and
-- what it runs is not taken for lost. A claim whose execution somebody else has ended is no claim any more. What is to be
-- cancelled and has never begun here ends now. A draining worker that is active again has another agent behind it, which
-- has taken its name: its status is left alone.
CREATE OR REPLACE FUNCTION agent_heartbeat(
  given_owner TEXT,
  given_worker BIGINT,
  given_instance TEXT,
  lease_s FLOAT8,
  most_scheduled INTEGER DEFAULT 0
)
RETURNS TABLE (cordoned BOOLEAN, execution BIGINT, attempt INTEGER, status TEXT)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  /* Registration locks the rows of a worker in this order too. */
  PERFORM FROM worker AS w WHERE w.id = given_worker FOR NO KEY UPDATE;
  DELETE FROM agent_execution_claim AS c
  WHERE
    c.worker = given_worker
    AND c.instance = given_instance
    AND NOT EXISTS (SELECT FROM execution AS e WHERE e.id = c.execution AND e.status IN ('running', 'canceling'));
  RETURN QUERY
  WITH
    alive AS (
      UPDATE agent_worker
      SET
        beat_at = now(),
        lease_expires_at = now() + agent_lease(lease_s)
      WHERE worker = given_worker AND instance = given_instance AND agent_may(owner, me)
      RETURNING worker, is_draining
    ),
    beaten AS (
      UPDATE worker AS w
      SET
        last_heartbeat = now(),
        status = CASE
          WHEN alive.is_draining
          AND w.status != 'active' THEN 'busy'::worker_status_enum
          ELSE 'active'
        END
      FROM alive
      WHERE w.id = alive.worker
      RETURNING w.id, w.cordoned
    ),
    held AS (
      /* In the order in which settlements lock them. */
      SELECT c.execution
      FROM
        agent_execution_claim AS c
        JOIN beaten ON beaten.id = c.worker
      WHERE c.instance = given_instance
      ORDER BY c.execution
      FOR UPDATE OF c
    ),
    renewed AS (
      UPDATE agent_execution_claim AS c
      SET lease_expires_at = now() + agent_lease(lease_s)
      FROM held
      WHERE c.execution = held.execution
      RETURNING c.execution, c.attempt
    ),
    scheduled AS (
      SELECT
        e.id,
        (
          SELECT COALESCE(max(t.attempt), 0) + 1 FROM agent_execution_attempt AS t WHERE t.execution = e.id
        ) AS attempt,
        e.status::text AS status
      FROM execution AS e
      WHERE e.worker = given_worker AND e.status = 'scheduled'
      ORDER BY e.id
      LIMIT GREATEST(LEAST(most_scheduled, 10000), 0)
    )
  SELECT beaten.cordoned, renewed.execution, renewed.attempt, e.status::text
  FROM
    beaten
    LEFT JOIN renewed ON TRUE
    LEFT JOIN execution AS e ON e.id = renewed.execution
  UNION ALL
  SELECT beaten.cordoned, scheduled.id, scheduled.attempt, scheduled.status
  FROM
    beaten,
    scheduled;
  IF
    FOUND
    AND EXISTS (
      SELECT
      FROM
        agent_worker AS a
        JOIN worker AS w ON w.id = a.worker
      WHERE a.worker = given_worker AND (NOT a.is_draining OR w.status = 'busy')
    )
  THEN
    PERFORM agent_abandon(given_worker, given_instance, '{canceling}');
  END IF;
END
$$;
