-- Renews a worker and all its leases, and returns the claims that it still holds, and the executions that are scheduled
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
BEGIN
  RETURN QUERY
  WITH
    alive AS (
      UPDATE worker
      SET
        last_heartbeat = now(),
        lease_expires_at = now() + agent_lease(lease_s),
        status = CASE
          WHEN meta ? 'draining' THEN 'inactive'
          ELSE 'active'
        END
      WHERE id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me)
      RETURNING id, cordoned
    ),
    renewed AS (
      UPDATE execution_claim AS c
      SET lease_expires_at = now() + agent_lease(lease_s)
      FROM alive
      WHERE c.worker = alive.id AND c.instance = given_instance
      RETURNING c.execution, c.attempt
    ),
    scheduled AS (
      SELECT e.id, COALESCE(e.attempt, 0) AS attempt, e.status
      FROM execution AS e
      WHERE e.worker = given_worker AND e.status = 'scheduled'
      ORDER BY e.priority DESC, e.id
      LIMIT GREATEST(LEAST(most_scheduled, 10000), 0)
    )
  SELECT alive.cordoned, renewed.execution, renewed.attempt, e.status
  FROM
    alive
    LEFT JOIN renewed ON TRUE
    LEFT JOIN execution AS e ON e.id = renewed.execution
  UNION ALL
  SELECT alive.cordoned, scheduled.id, scheduled.attempt, scheduled.status
  FROM
    alive,
    scheduled;
END
$$;
