-- The sequence of the ids of executions, for whoever draws some. A primary that was a replica, or that was restored, may
-- lack the last executions of the one before: there the sequence leaps, so that no id that was answered is given again.
-- Where PostgreSQL does not say whose history this is, it does not leap.
CREATE OR REPLACE FUNCTION agent_execution_ids()
RETURNS REGCLASS
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
  ids CONSTANT REGCLASS := pg_get_serial_sequence('attune.execution', 'id');
  here TEXT;
  known TEXT;
BEGIN
  BEGIN
    SELECT c.system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
    INTO here
    FROM pg_control_system() AS c;
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_function THEN
    RETURN ids;
  END;
  SELECT name INTO known FROM agent_history;
  IF known = here THEN
    RETURN ids;
  END IF;
  /* Whoever comes at the same time waits here, and finds it done. */
  UPDATE agent_history SET name = here WHERE name IS NOT DISTINCT FROM known;
  IF FOUND AND known IS NOT NULL THEN
    PERFORM setval(ids, nextval(ids) + 1000000);
  END IF;
  RETURN ids;
END
$$;
