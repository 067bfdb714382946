-- Makes a partition of the logs for each of the next days, and drops the partitions of days before the last `days`. A
-- day cannot have a partition when rows of it came early and lie in the default partition: they stay there. Only the
-- owner of the table may do this. Returns the names of the dropped partitions.
CREATE OR REPLACE FUNCTION agent_keep_logs(days INTEGER, days_ahead INTEGER, audit_days INTEGER)
RETURNS SETOF TEXT
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  one RECORD;
  /* Of the days that are kept, which are whole days of UTC. */
  first_moment TIMESTAMPTZ :=
    (date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => days)) AT TIME ZONE 'UTC';
BEGIN
  PERFORM FROM agent_lock WHERE name = 'logs' FOR UPDATE;
  /* Who waits for a whole table keeps all others from it: a transaction that holds one leaves this for the next time. */
  PERFORM set_config('lock_timeout', '1s', TRUE);
  FOR one IN
    SELECT
      'execution_log_' || to_char(day, 'YYYYMMDD') AS name,
      day::date || ' 00:00+00' AS since,
      (day + INTERVAL '1 day')::date || ' 00:00+00' AS until
    FROM
      generate_series(
        date_trunc('day', now() AT TIME ZONE 'UTC'),
        now() AT TIME ZONE 'UTC' + make_interval(days => days_ahead),
        '1 day'
      ) AS day
    WHERE
      to_regclass('attune.execution_log_' || to_char(day, 'YYYYMMDD')) IS NULL
      AND NOT EXISTS (
        SELECT
        FROM execution_log_default
        WHERE at >= day AT TIME ZONE 'UTC' AND at < (day + INTERVAL '1 day') AT TIME ZONE 'UTC'
      )
  LOOP
    BEGIN
      EXECUTE format(
        'CREATE TABLE attune.%I PARTITION OF attune.execution_log FOR VALUES FROM (%L) TO (%L)',
        one.name, one.since, one.until
      );
    EXCEPTION
      WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  FOR one IN
    SELECT c.relname AS name
    FROM
      pg_inherits AS i
      JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE
      i.inhparent = 'attune.execution_log'::regclass
      AND c.relname ~ '^execution_log_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - days
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE attune.%I', one.name);
      RETURN NEXT one.name;
    EXCEPTION
      WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  DELETE FROM execution_log_default WHERE at < first_moment;
  DELETE FROM dead_letter WHERE created < first_moment;
  DELETE FROM audit_log WHERE at < now() - make_interval(days => audit_days);
END
$$;
