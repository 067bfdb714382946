-- Stores chunks of logs, those of attempts that a worker of the caller has had. The time of a chunk is part of its key,
-- so that storing a chunk again changes nothing. A worker whose clock is ahead gets two hours at most: rows of later days
-- would not be removed for long.
CREATE OR REPLACE FUNCTION agent_append_logs(given_owner TEXT, chunks JSON)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  INSERT INTO agent_execution_log (execution, attempt, stream, seq, "offset", data, at)
  SELECT c.*
  FROM agent_chunks(me, chunks) AS c
  WHERE
    me IS NULL
    OR EXISTS (
      SELECT
      FROM
        agent_execution_attempt AS t
        JOIN agent_worker AS w ON w.worker = t.worker
      WHERE t.execution = c.execution AND t.attempt = c.attempt AND agent_may(w.owner, me)
    )
  ON CONFLICT DO NOTHING;
  /* No server drops old logs here, so that now and then this does. */
  IF random() < 0.02 THEN
    PERFORM agent_keep_logs(7, 0, 0);
  END IF;
END
$$;
