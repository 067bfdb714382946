-- The salt of passphrases, which workers need too: they encrypt secret results, and decrypt keys.
CREATE OR REPLACE FUNCTION agent_encryption_salt()
RETURNS TEXT
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = attune, pg_temp
AS $$
  SELECT salt FROM encryption_salt;
$$;
