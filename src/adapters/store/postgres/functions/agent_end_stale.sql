-- Ends the sessions of workers' logins that have a transaction open for longer than these seconds: no function takes as
-- long. Such a transaction may hold locks of ours, keep dead rows from being removed, or, as a listener that never reads,
-- fill the queue of notifications until nobody can notify any more. Returns their logins. It needs an owner who is a superuser, or a member of
-- pg_signal_backend and pg_read_all_stats; else it finds none.
CREATE OR REPLACE FUNCTION agent_end_stale(older_than_s FLOAT8)
RETURNS SETOF TEXT
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
  one RECORD;
BEGIN
  FOR one IN
    SELECT a.pid, a.usename
    FROM pg_stat_activity AS a
    WHERE
      a.datname = current_database()
      AND a.pid != pg_backend_pid()
      AND a.xact_start <= now() - agent_seconds(older_than_s, 0, 86400)
      AND pg_has_role(a.usesysid, to_regrole('attune_worker'), 'MEMBER')
      AND NOT has_table_privilege(a.usesysid, 'worker', 'UPDATE')
  LOOP
    BEGIN
      IF pg_terminate_backend(one.pid) THEN
        RETURN NEXT one.usename;
      END IF;
    EXCEPTION
      WHEN insufficient_privilege THEN NULL;
    END;
  END LOOP;
END
$$;
