-- Makes a worker busy, so that nothing more is scheduled for it while what it runs is not taken for lost, and requests
-- again what was scheduled for it. Returns the messages that it left in the outbox. A draining worker that is active again
-- has another agent behind it, which has taken its name: what is scheduled then is for that one.
CREATE OR REPLACE FUNCTION agent_begin_drain(given_owner TEXT, given_worker BIGINT, given_instance TEXT)
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
  /* Registration locks the rows of a worker in this order too. */
  PERFORM FROM worker AS w WHERE w.id = given_worker FOR NO KEY UPDATE;
  RETURN QUERY
  WITH
    present AS (
      SELECT a.worker
      FROM
        agent_worker AS a
        JOIN worker AS w ON w.id = a.worker
      WHERE
        a.worker = given_worker
        AND a.instance = given_instance
        AND agent_may(a.owner, me)
        AND (NOT a.is_draining OR w.status = 'busy')
    ),
    draining AS (
      UPDATE agent_worker AS a
      SET is_draining = TRUE
      FROM present
      WHERE a.worker = present.worker
      RETURNING a.worker
    ),
    busy AS (
      UPDATE worker AS w
      SET
        status = 'busy',
        updated = now()
      FROM draining
      WHERE w.id = draining.worker
    ),
    waiting AS (
      SELECT e.id
      FROM
        execution AS e
        JOIN draining ON draining.worker = e.worker
      WHERE e.status = 'scheduled'
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
