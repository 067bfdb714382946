-- The lease of a worker: what it asks for, and never more than three of the longest heartbeats.
CREATE OR REPLACE FUNCTION agent_lease(lease_s FLOAT8)
RETURNS INTERVAL
LANGUAGE sql
IMMUTABLE
AS $$
  SELECT agent_seconds(lease_s, 0, 900);
$$;
