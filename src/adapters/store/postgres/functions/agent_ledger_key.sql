-- The key of an environment in the ledger of its owner. Who acts for all workers has the key alone.
CREATE OR REPLACE FUNCTION agent_ledger_key(me TEXT, given TEXT)
RETURNS TEXT
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT COALESCE(me || '|', '') || given;
$$;
