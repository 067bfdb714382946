-- Stores chunks of logs. Of a worker (`me` is its owner), those of attempts that it has had, behind what is there: their
-- time is that of this server, and each begins where the one before it ends, whatever the worker says. What has been stored
-- is known by its number, so that storing a chunk again changes nothing; the row of an attempt keeps two that store the
-- same apart, and is made by the first of them. Of whoever acts for all workers, each chunk as it is given, known by its time too.
CREATE OR REPLACE FUNCTION agent_append_logs(given_owner TEXT, chunks JSON)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
SET jit = off
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  executions BIGINT[];
BEGIN
  IF me IS NULL THEN
    INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data, at)
    SELECT c.* FROM agent_chunks(me, chunks) AS c
    ON CONFLICT DO NOTHING;
    RETURN;
  END IF;
  PERFORM agent_refuse_snapshot();
  executions := ARRAY(SELECT DISTINCT c.execution FROM json_to_recordset(chunks) AS c (execution BIGINT));
  INSERT INTO execution_attempt (execution, attempt, worker, claimed_at)
  SELECT e.id, COALESCE(e.attempt, 0), e.worker, COALESCE(e.claimed_at, e.started_at, now())
  FROM
    execution AS e
    JOIN worker AS w ON w.id = e.worker AND agent_may(w.owner, me)
  WHERE e.id = ANY(executions) AND e.status NOT IN ('requested', 'scheduling', 'scheduled')
  ORDER BY e.id
  ON CONFLICT DO NOTHING;
  PERFORM
  FROM
    execution_attempt AS t
    JOIN worker AS w ON w.id = t.worker
  WHERE t.execution = ANY(executions) AND agent_may(w.owner, me)
  ORDER BY t.execution, t.attempt
  FOR UPDATE OF t;
  INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data, at)
  WITH
    given AS (
      SELECT DISTINCT ON (c.execution, c.attempt, c.seq) c.*
      FROM agent_chunks(me, chunks) AS c
      ORDER BY c.execution, c.attempt, c.seq
    ),
    ends AS MATERIALIZED (
      SELECT t.execution, t.attempt, s.stream, l.bytes, max(l.seq) OVER (PARTITION BY t.execution, t.attempt) AS seq
      FROM
        (SELECT DISTINCT execution, attempt FROM given) AS g
        JOIN execution_attempt AS t ON t.execution = g.execution AND t.attempt = g.attempt
        JOIN worker AS w ON w.id = t.worker AND agent_may(w.owner, me)
        CROSS JOIN (VALUES ('stdout'), ('stderr')) AS s (stream)
        LEFT JOIN LATERAL (
          SELECT o.seq, o."offset" + octet_length(o.data) AS bytes
          FROM execution_log AS o
          WHERE
            o.execution = t.execution
            AND o.attempt = t.attempt
            AND o.stream = s.stream
            /* A day for chunks of earlier versions, whose time was their worker's. */
            AND o.at > t.claimed_at - INTERVAL '1 day'
          ORDER BY o.seq DESC
          LIMIT 1
        ) AS l ON TRUE
    )
  SELECT
    g.execution,
    g.attempt,
    g.stream,
    g.seq,
    COALESCE(e.bytes, 0)
      + sum(octet_length(g.data)) OVER (PARTITION BY g.execution, g.attempt, g.stream ORDER BY g.seq)
      - octet_length(g.data),
    g.data,
    g.at
  FROM
    given AS g
    JOIN ends AS e ON e.execution = g.execution AND e.attempt = g.attempt AND e.stream = g.stream
  WHERE g.seq > COALESCE(e.seq, -1);
END
$$;
