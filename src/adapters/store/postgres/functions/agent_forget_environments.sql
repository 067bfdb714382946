-- Removes environments from the ledger that were removed from their volume. The workers of a volume share it, so any of
-- them may do this.
CREATE OR REPLACE FUNCTION agent_forget_environments(keys JSON)
RETURNS VOID
LANGUAGE sql
SECURITY DEFINER
SET search_path = attune, pg_temp
AS $$
  DELETE FROM pack_environment
  USING json_array_elements_text(keys) AS gone (key)
  WHERE env_key = gone.key AND status != 'installing';
$$;
