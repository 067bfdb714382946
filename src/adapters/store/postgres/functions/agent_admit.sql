-- Refuses a registration that is too large, or one worker more than its owner may have: 1000 names, of which those that
-- are silent and hold nothing give way. Loads of workers are read with every pass of the scheduler.
CREATE OR REPLACE FUNCTION agent_admit(me TEXT, who JSONB)
RETURNS VOID
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM agent_refuse_large(who);
  IF
    me IS NULL
    OR EXISTS (SELECT FROM worker WHERE name = who ->> 'name')
    OR (SELECT count(*) < 1000 FROM worker WHERE owner = me)
  THEN
    RETURN;
  END IF;
  DELETE FROM worker
  WHERE
    id IN (
      SELECT w.id
      FROM worker AS w
      WHERE
        w.owner = me
        AND COALESCE(w.lease_expires_at, w.last_heartbeat) < now()
        AND NOT w.cordoned
        AND NOT EXISTS (SELECT FROM execution AS e WHERE e.worker = w.id AND e.indexed_status = 'assigned')
      ORDER BY w.last_heartbeat
      LIMIT 100
      FOR UPDATE SKIP LOCKED
    );
  IF NOT FOUND THEN
    RAISE EXCEPTION
      '% has 1000 workers already, and no owner may have more: use several logins or tokens, or wait until some have been silent for their lease',
      me;
  END IF;
END
$$;
