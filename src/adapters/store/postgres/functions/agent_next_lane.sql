-- The first lane of what waits with this priority, from `since` on, in the order of bytes: one probe of an index.
CREATE OR REPLACE FUNCTION agent_next_lane(given_priority SMALLINT, since TEXT)
RETURNS TEXT
LANGUAGE plpgsql
STABLE
AS $$
#variable_conflict use_column
DECLARE
  found TEXT;
BEGIN
  SELECT
    execution_lane(
      action_ref, inline_runtime, inline_options, worker_selector, worker_tolerations, worker_affinity
    ) COLLATE "C" AS lane
  INTO found
  FROM execution
  WHERE
    indexed_status = 'requested'
    AND priority = given_priority
    AND execution_lane(
      action_ref, inline_runtime, inline_options, worker_selector, worker_tolerations, worker_affinity
    ) COLLATE "C" >= since
  ORDER BY lane
  LIMIT 1;
  RETURN found;
END
$$;
