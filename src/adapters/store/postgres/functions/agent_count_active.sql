-- Counts the active executions of each status, `most` of each at most. What waits is counted by an index; what is assigned to
-- workers is read, whatever its status, and is as much as they take at once.
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
    IF status IN ('requested', 'scheduling') THEN
      SELECT count(*) INTO agent_count_active.count
      FROM
        (
          SELECT
          FROM execution AS e
          WHERE e.indexed_status = agent_count_active.status AND e.indexed_status != 'assigned'
          LIMIT most
        ) AS found;
    ELSE
      SELECT count(*) INTO agent_count_active.count
      FROM
        (
          SELECT
          FROM execution AS e
          WHERE e.indexed_status = 'assigned' AND e.status = agent_count_active.status
          LIMIT most
        ) AS found;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
