-- Keeps new executions away from a worker that cannot take any, for the reason that is given, and requests again what
-- was scheduled for it. Those executions never began, so no retry is spent. NULL ends the pause. Returns the messages
-- that it left in the outbox.
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
      UPDATE worker
      SET
        meta = CASE
          WHEN why IS NULL THEN meta - 'paused'
          ELSE meta || jsonb_build_object('paused', left(why, 1000))
        END,
        updated = now()
      WHERE worker.id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me)
      RETURNING worker.id
    ),
    released AS (
      UPDATE execution AS e
      SET
        status = 'requested',
        worker = NULL,
        schedule_after = now(),
        updated = now()
      FROM paused
      WHERE e.worker = paused.id AND e.indexed_status = 'assigned' AND e.status = 'scheduled' AND why IS NOT NULL
      RETURNING e.id, e.action, e.action_ref
    )
  INSERT INTO outbox (exchange, routing_key, message)
  SELECT 'attune.executions', m.routing_key, m.message
  FROM
    released AS r,
    LATERAL agent_events(r.id, r.action, r.action_ref, 'scheduled', 'requested', NULL) AS m
  RETURNING outbox.id, outbox.message_id, outbox.exchange, outbox.routing_key, outbox.message;
END
$$;
