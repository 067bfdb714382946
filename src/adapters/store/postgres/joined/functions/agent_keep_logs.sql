-- Removes the logs of days before the last `days`, and what is left of executions and workers that are gone. Claims end
-- with their execution, whoever has ended it.
CREATE OR REPLACE FUNCTION agent_keep_logs(days INTEGER, days_ahead INTEGER, audit_days INTEGER)
RETURNS SETOF TEXT
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
AS $$
BEGIN
  DELETE FROM agent_execution_log
  WHERE at < (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => days)) AT TIME ZONE 'UTC';
  DELETE FROM agent_execution_claim AS c
  WHERE NOT EXISTS (SELECT FROM execution AS e WHERE e.id = c.execution AND e.status IN ('running', 'canceling'));
  DELETE FROM agent_execution_attempt AS t
  WHERE
    t.claimed_at < now() - make_interval(days => days)
    AND NOT EXISTS (SELECT FROM agent_execution_claim AS c WHERE c.execution = t.execution);
  DELETE FROM agent_worker AS a
  WHERE NOT EXISTS (SELECT FROM worker AS w WHERE w.id = a.worker);
END
$$;
