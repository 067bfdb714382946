-- For how many seconds the oldest of what waits has been due, by the first of each lane: those of `most_lanes` lanes, the
-- highest priorities first. What it reads does not depend on how much waits.
CREATE OR REPLACE FUNCTION agent_oldest_waiting(most_lanes INTEGER)
RETURNS DOUBLE PRECISION
LANGUAGE plpgsql
STABLE
SET search_path = attune, pg_temp
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
  level SMALLINT := 32767;
  next_lane TEXT;
  visited INTEGER := 0;
  due TIMESTAMPTZ;
  oldest TIMESTAMPTZ := now();
BEGIN
  LOOP
    SELECT e.priority INTO level FROM execution AS e
    WHERE e.indexed_status = 'requested' AND e.priority < level ORDER BY e.priority DESC LIMIT 1;
    EXIT WHEN level IS NULL;
    next_lane := agent_next_lane(level, '');
    WHILE next_lane IS NOT NULL AND visited < most_lanes LOOP
      SELECT e.schedule_after INTO due FROM execution AS e
      WHERE
        e.indexed_status = 'requested'
        AND e.priority = level
        AND execution_lane(
          e.action_ref,
          e.inline_runtime,
          e.inline_options,
          e.worker_selector,
          e.worker_tolerations,
          e.worker_affinity
        ) COLLATE "C" = next_lane
      ORDER BY e.schedule_after, e.id
      LIMIT 1;
      oldest := LEAST(oldest, due);
      visited := visited + 1;
      next_lane := agent_next_lane(level, next_lane || chr(1));
    END LOOP;
    EXIT WHEN visited >= most_lanes;
  END LOOP;
  RETURN extract(EPOCH FROM now() - oldest)::FLOAT8;
END
$$;
