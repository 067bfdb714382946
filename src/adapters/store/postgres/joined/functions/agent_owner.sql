-- For whom the caller acts. A login that may write the table of workers names somebody (or nobody: it acts for all
-- workers). Any other login acts for itself, whatever it names.
CREATE OR REPLACE FUNCTION agent_owner(given TEXT)
RETURNS TEXT
LANGUAGE sql
STABLE
AS $$
  SELECT
    CASE
      WHEN has_table_privilege(session_user, 'worker', 'UPDATE') THEN given
      ELSE 'login:' || session_user
    END;
$$;
