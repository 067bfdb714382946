-- Refuses a registration that is too large, or one worker more than its owner may have: 1000 that are alive. Rows of
-- workers are Attune's own, so that none is removed.
CREATE OR REPLACE FUNCTION agent_admit(me TEXT, who JSONB)
RETURNS VOID
LANGUAGE plpgsql
SET search_path = attune, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM agent_refuse_large(who);
  IF
    me IS NOT NULL
    AND NOT EXISTS (SELECT FROM worker WHERE name = who ->> 'name')
    AND (SELECT count(*) >= 1000 FROM agent_worker WHERE owner = me AND lease_expires_at > now())
  THEN
    RAISE EXCEPTION '% has 1000 workers already, and no owner may have more: use several logins', me;
  END IF;
END
$$;
