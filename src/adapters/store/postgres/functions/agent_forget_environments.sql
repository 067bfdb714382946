-- Removes environments from the ledger of the caller that were removed from their volume.
CREATE OR REPLACE FUNCTION agent_forget_environments(keys JSON, given_owner TEXT DEFAULT NULL)
RETURNS VOID
LANGUAGE sql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
  DELETE FROM pack_environment
  USING json_array_elements_text(keys) AS gone (key)
  WHERE env_key = agent_ledger_key(agent_owner(given_owner), gone.key) AND status != 'installing';
$$;
