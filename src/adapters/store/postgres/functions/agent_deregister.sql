-- Frees the name of a worker. Its row stays, with its history and its cordon. What its process still held has no lease
-- any more, so that the monitor recovers those executions at once.
CREATE OR REPLACE FUNCTION agent_deregister(given_owner TEXT, given_worker BIGINT, given_instance TEXT)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  UPDATE worker
  SET
    status = 'inactive',
    meta = meta - '{instance,pid,process,draining}'::text[],
    updated = now()
  WHERE id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me);
END
$$;
