-- Whether anything waits to be scheduled, due or not. What it reads does not depend on how much waits, nor on how much has
-- ended: as a part of another statement it could be planned while the table was small, to read all of it.
CREATE OR REPLACE FUNCTION agent_has_waiting()
RETURNS BOOLEAN
LANGUAGE plpgsql
STABLE
SET search_path = attune, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM execution AS e WHERE e.indexed_status = 'requested');
END
$$;
