-- Refuses a transaction that does not see what others have stored while it waited for a lock.
CREATE OR REPLACE FUNCTION agent_refuse_snapshot()
RETURNS VOID
LANGUAGE plpgsql
AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'this needs a transaction that is READ COMMITTED, and is in one that is %',
      upper(current_setting('transaction_isolation'));
  END IF;
END
$$;
