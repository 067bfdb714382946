-- For whom the caller acts. A login that may write the table of workers names somebody (or nobody: it acts for all
-- workers). Any other login acts for itself, whatever it names. A token is named by its id. Servers up to 0.1.0 give
-- its name, which no two valid tokens share and which is never a number. In PL/pgSQL, which plans it once
-- for a session.
CREATE OR REPLACE FUNCTION agent_owner(given TEXT)
RETURNS TEXT
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  IF NOT has_table_privilege(session_user, 'worker', 'UPDATE') THEN
    RETURN 'login:' || session_user;
  END IF;
  IF given ~ '^token:.*[^0-9]' THEN
    RETURN COALESCE(
      (SELECT 'token:' || id FROM api_token WHERE name = substr(given, 7) AND revoked_at IS NULL),
      given
    );
  END IF;
  RETURN given;
END
$$;
