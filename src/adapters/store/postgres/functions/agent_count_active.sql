-- Counts the active executions of each status by an index, `most` of each at most.
CREATE OR REPLACE FUNCTION agent_count_active(most INTEGER)
RETURNS TABLE (status TEXT, count INTEGER)
LANGUAGE plpgsql
STABLE
SET search_path = attune, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
  FOREACH status IN ARRAY '{requested,scheduling,scheduled,running,canceling}'::text[] LOOP
    SELECT count(*) INTO agent_count_active.count
    FROM (SELECT FROM execution AS e WHERE e.status = agent_count_active.status LIMIT most) AS found;
    RETURN NEXT;
  END LOOP;
END
$$;
