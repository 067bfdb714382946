-- Ends what earlier processes of a worker still hold as abandoned, with the messages about it: nobody else does, because
-- the worker of that name lives.
CREATE OR REPLACE FUNCTION agent_abandon(given_worker BIGINT, present_instance TEXT)
RETURNS VOID
LANGUAGE sql
SET search_path = attune, pg_temp
AS $$
  WITH
    lost AS (
      SELECT e.id, e.status::text AS previous
      FROM
        agent_execution_claim AS c
        JOIN execution AS e ON e.id = c.execution
      WHERE c.worker = given_worker AND c.instance != present_instance AND e.status IN ('running', 'canceling')
      ORDER BY e.id
      FOR UPDATE OF e
    ),
    freed AS (
      DELETE FROM agent_execution_claim AS c WHERE c.worker = given_worker AND c.instance != present_instance
    ),
    ended AS (
      UPDATE execution AS e
      SET
        status = 'abandoned',
        result = jsonb_build_object('succeeded', FALSE, 'error', 'its worker was started again while it ran'),
        updated = now()
      FROM lost
      WHERE e.id = lost.id
      RETURNING e.id, e.action, e.action_ref, e.result, lost.previous
    )
  INSERT INTO agent_outbox (exchange, routing_key, message)
  SELECT 'attune.executions', m.routing_key, m.message
  FROM
    ended AS d,
    LATERAL agent_messages(d.id, d.action, d.action_ref, d.previous, 'abandoned', d.result) AS m;
$$;
