-- Makes a worker busy while it can take nothing, so that nothing more is scheduled for it, and requests again what was
-- scheduled for it. NULL makes it active again. Returns the messages that it left in the outbox.
CREATE OR REPLACE FUNCTION agent_pause(given_owner TEXT, given_worker BIGINT, given_instance TEXT, why TEXT)
RETURNS TABLE (id BIGINT, message_id UUID, exchange TEXT, routing_key TEXT, message JSONB)
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
    paused AS (
      UPDATE agent_worker
      SET is_draining = why IS NOT NULL
      WHERE worker = given_worker AND instance = given_instance AND agent_may(owner, me)
      RETURNING worker
    ),
    changed AS (
      UPDATE worker AS w
      SET
        status = CASE
          WHEN why IS NULL THEN 'active'::worker_status_enum
          ELSE 'busy'
        END,
        updated = now()
      FROM paused
      WHERE w.id = paused.worker
    ),
    waiting AS (
      SELECT e.id
      FROM
        execution AS e
        JOIN paused ON paused.worker = e.worker
      WHERE e.status = 'scheduled' AND why IS NOT NULL
      ORDER BY e.id
      FOR UPDATE OF e
    ),
    released AS (
      UPDATE execution AS e
      SET
        status = 'requested',
        worker = NULL,
        updated = now()
      FROM waiting
      WHERE e.id = waiting.id
      RETURNING e.id, e.action, e.action_ref
    )
  INSERT INTO agent_outbox (exchange, routing_key, message)
  SELECT 'attune.executions', m.routing_key, m.message
  FROM
    released AS r,
    LATERAL agent_messages(r.id, r.action, r.action_ref, 'scheduled', 'requested', NULL) AS m
  RETURNING agent_outbox.id, agent_outbox.message_id, agent_outbox.exchange, agent_outbox.routing_key, agent_outbox.message;
END
$$;
