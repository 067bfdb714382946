-- Prolongs the right to build an environment. False: the caller has lost that right.
CREATE OR REPLACE FUNCTION agent_renew_environment(
  given_owner TEXT,
  given_worker BIGINT,
  given_instance TEXT,
  given_key TEXT,
  lease_s FLOAT8
)
RETURNS BOOLEAN
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
BEGIN
  UPDATE pack_environment
  SET claim_expires_at = now() + agent_lease(lease_s)
  WHERE
    env_key = agent_ledger_key(agent_owner(given_owner), given_key)
    AND status = 'installing'
    AND claimed_by_instance = given_instance
    AND agent_holds(agent_owner(given_owner), given_worker, given_instance);
  RETURN FOUND;
END
$$;
