-- Whether a login no longer exists, so that others may take the names of its workers.
CREATE OR REPLACE FUNCTION agent_owner_is_gone(owner TEXT)
RETURNS BOOLEAN
LANGUAGE sql
STABLE
AS $$
  SELECT owner LIKE 'login:%' AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = substr(owner, 7));
$$;
