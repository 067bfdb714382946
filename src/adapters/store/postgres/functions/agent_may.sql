-- Whether `me` may act for workers of `owner`. Without `me`, the caller acts for all workers. A worker without an owner
-- may be taken by anybody.
CREATE OR REPLACE FUNCTION agent_may(owner TEXT, me TEXT)
RETURNS BOOLEAN
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT me IS NULL OR owner IS NULL OR owner = me;
$$;
