-- Ends what is on its way at a worker and that the present process of it has not claimed, with the messages about it:
-- nobody else does, because the worker of that name lives. What somebody wants cancelled becomes cancelled, the rest
-- abandoned. What is running may be of an earlier process, or of another agent that had the name. Nobody is told of the
-- messages: they are as old as those that any process may publish.
CREATE OR REPLACE FUNCTION agent_abandon(
  given_worker BIGINT,
  present_instance TEXT,
  statuses execution_status_enum[] DEFAULT '{running,canceling}'
)
RETURNS VOID
LANGUAGE sql
SET search_path = attune, pg_temp
AS $$
  WITH
    lost AS (
      SELECT e.id, e.status AS previous
      FROM execution AS e
      WHERE
        e.worker = given_worker
        AND e.status IN ('scheduled', 'running', 'canceling')
        AND e.status = ANY (statuses)
        AND NOT EXISTS (
          SELECT
          FROM agent_execution_claim AS c
          WHERE c.execution = e.id AND c.worker = given_worker AND c.instance = present_instance
        )
      ORDER BY e.id
      FOR UPDATE OF e
    ),
    freed AS (
      DELETE FROM agent_execution_claim AS c WHERE c.worker = given_worker AND c.instance != present_instance
    ),
    ended AS (
      UPDATE execution AS e
      SET
        status = CASE lost.previous
          WHEN 'canceling' THEN 'cancelled'::execution_status_enum
          ELSE 'abandoned'
        END,
        result = CASE lost.previous
          WHEN 'canceling' THEN '{"succeeded": false, "cancelled": true, "error": "Execution cancelled by user"}'::jsonb
          ELSE '{"succeeded": false, "error": "its worker was started again while it ran"}'
        END,
        updated = now()
      FROM lost
      WHERE e.id = lost.id
      RETURNING e.id, e.action, e.action_ref, e.status, e.result, lost.previous
    )
  INSERT INTO agent_outbox (exchange, routing_key, message, created)
  SELECT 'attune.executions', m.routing_key, m.message, now() - INTERVAL '1 minute'
  FROM
    ended AS d,
    LATERAL agent_messages(d.id, d.action, d.action_ref, d.previous::text, d.status::text, d.result) AS m;
$$;
