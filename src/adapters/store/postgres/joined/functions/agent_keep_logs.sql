-- Removes the logs of days before the last `days`, and what is left of executions and workers that are gone; of logs and
-- attempts 10 000 at a time, so that no call takes long. Claims end with their execution, whoever has ended it.
CREATE OR REPLACE FUNCTION agent_keep_logs(days INTEGER, days_ahead INTEGER, audit_days INTEGER)
RETURNS SETOF TEXT
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
  /* Of the days that are kept, which are whole days of UTC. */
  first_moment TIMESTAMPTZ :=
    (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => days)) AT TIME ZONE 'UTC';
BEGIN
  DELETE FROM agent_execution_log
  WHERE
    ctid = ANY (
      ARRAY(SELECT l.ctid FROM agent_execution_log AS l WHERE l.at < first_moment LIMIT 10000 FOR UPDATE SKIP LOCKED)
    );
  DELETE FROM agent_execution_attempt
  WHERE
    ctid = ANY (
      ARRAY(
        SELECT t.ctid
        FROM agent_execution_attempt AS t
        WHERE
          t.claimed_at < first_moment
          AND NOT EXISTS (SELECT FROM agent_execution_claim AS c WHERE c.execution = t.execution)
        LIMIT 10000
        FOR UPDATE SKIP LOCKED
      )
    );
  DELETE FROM agent_execution_claim
  WHERE
    ctid = ANY (
      ARRAY(
        SELECT c.ctid
        FROM agent_execution_claim AS c
        WHERE NOT EXISTS (SELECT FROM execution AS e WHERE e.id = c.execution AND e.status IN ('running', 'canceling'))
        FOR UPDATE SKIP LOCKED
      )
    );
  DELETE FROM agent_worker
  WHERE
    ctid = ANY (
      ARRAY(
        SELECT a.ctid
        FROM agent_worker AS a
        WHERE NOT EXISTS (SELECT FROM worker AS w WHERE w.id = a.worker)
        FOR UPDATE SKIP LOCKED
      )
    );
END
$$;
