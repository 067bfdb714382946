-- Renews a worker, whose lease is that of all its claims, and returns the claims that it still holds, and the executions that are scheduled
-- for it and that it has not claimed, most_scheduled at most; agents that give no such number know of claims alone. A
-- worker that the monitor had given up for lost is active again.
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
  is_cordoned BOOLEAN;
BEGIN
  UPDATE worker
  SET
    last_heartbeat = now(),
    lease_expires_at = now() + agent_lease(lease_s),
    status = CASE
      WHEN meta ? 'draining' THEN 'inactive'
      ELSE 'active'
    END
  WHERE id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me)
  RETURNING cordoned
  INTO is_cordoned;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  /* A statement of its own: it sees what was recovered while the one before waited for the row of the worker. */
  RETURN QUERY
  SELECT is_cordoned, e.id, COALESCE(e.attempt, 0), e.status
  FROM
    (VALUES (TRUE)) AS alive
    LEFT JOIN execution AS e
      ON e.worker = given_worker
      AND e.indexed_status = 'assigned'
      AND e.status IN ('running', 'canceling')
      AND e.instance = given_instance
  UNION ALL
  (
    SELECT is_cordoned, e.id, COALESCE(e.attempt, 0), e.status
    FROM execution AS e
    WHERE e.worker = given_worker AND e.indexed_status = 'assigned' AND e.status = 'scheduled'
    ORDER BY e.priority DESC, e.id
    LIMIT GREATEST(LEAST(most_scheduled, 10000), 0)
  );
END
$$;
