-- The salt of passphrases, which workers need too: they encrypt secret results, and decrypt keys.
CREATE OR REPLACE FUNCTION agent_encryption_salt()
RETURNS TEXT
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
  SELECT salt FROM encryption_salt;
$$;
