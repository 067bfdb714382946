-- Whether a login or token no longer exists, so that others may take the names of its workers.
CREATE OR REPLACE FUNCTION agent_owner_is_gone(owner TEXT)
RETURNS BOOLEAN
LANGUAGE sql
STABLE
AS $$
  SELECT
    CASE split_part(owner, ':', 1)
      WHEN 'login' THEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = substr(owner, 7))
      WHEN 'token' THEN NOT EXISTS (
        SELECT
        FROM api_token
        WHERE id::text = substr(owner, 7) AND revoked_at IS NULL AND COALESCE(expires_at > now(), TRUE)
      )
      ELSE FALSE
    END;
$$;
