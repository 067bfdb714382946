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
  SELECT c.execution, c.attempt, c.stream, c.seq, c."offset", decode(c.data, 'base64'),
    CASE
      WHEN me IS NULL THEN c.at
      ELSE LEAST(c.at, date_trunc('hour', now()) + INTERVAL '2 hours')
    END
  FROM
    json_to_recordset(chunks) AS c (
      execution BIGINT,
      attempt INTEGER,
      stream TEXT,
      seq INTEGER,
      "offset" BIGINT,
      data TEXT,
      at TIMESTAMPTZ
    )
  WHERE
    c.seq >= 0
    AND c."offset" BETWEEN 0 AND 1000000000000000
    AND (
      me IS NULL
      OR EXISTS (
        SELECT
        FROM
          agent_execution_attempt AS t
          JOIN agent_worker AS w ON w.worker = t.worker
        WHERE t.execution = c.execution AND t.attempt = c.attempt AND agent_may(w.owner, me)
      )
    )
  ON CONFLICT DO NOTHING;
  /* No server drops old logs here, so that now and then this does. */
  IF random() < 0.02 THEN
    PERFORM agent_keep_logs(7, 0, 0);
  END IF;
END
$$;
