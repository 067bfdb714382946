-- Renews a worker and all its leases, and returns the claims that it still holds. A worker that the monitor had given
-- up for lost is active again.
CREATE OR REPLACE FUNCTION agent_heartbeat(given_owner TEXT, given_worker BIGINT, given_instance TEXT, lease_s FLOAT8)
RETURNS TABLE (cordoned BOOLEAN, execution BIGINT, attempt INTEGER, status TEXT)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
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
        status = CASE
          WHEN meta ? 'draining' THEN 'inactive'
          ELSE 'active'
        END
      WHERE id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me)
      RETURNING id, cordoned
    ),
    renewed AS (
      UPDATE execution_claim AS c
      SET lease_expires_at = now() + make_interval(secs => lease_s)
      FROM alive
      WHERE c.worker = alive.id AND c.instance = given_instance
      RETURNING c.execution, c.attempt
    )
  SELECT alive.cordoned, renewed.execution, renewed.attempt, e.status
  FROM
    alive
    LEFT JOIN renewed ON TRUE
    LEFT JOIN execution AS e ON e.id = renewed.execution;
END
$$;
