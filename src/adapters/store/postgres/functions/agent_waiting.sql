-- Some of what waits with the highest priority below `below`: the lanes of several packs by turns, behind `after_pack`
-- and, in a pack, behind the lane that `after_lanes` names for it; about `most` executions in all, the oldest of each
-- lane. A lane in which nothing is due has a row without an execution. What it reads does not depend on how much waits.
CREATE OR REPLACE FUNCTION agent_waiting(below INTEGER, most INTEGER, after_pack TEXT, after_lanes JSONB)
RETURNS TABLE (priority SMALLINT, lane TEXT, execution BIGINT, is_cut BOOLEAN, has_lower BOOLEAN)
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
  most_packs CONSTANT INTEGER := 64;
  most_lanes CONSTANT INTEGER := 256;
  level SMALLINT;
  packs TEXT[] := '{}';
  pack TEXT;
  lanes TEXT[];
  since TEXT;
  next_lane TEXT;
  has_turned BOOLEAN;
  is_cut BOOLEAN := false;
  has_lower BOOLEAN;
BEGIN
  SELECT e.priority INTO level FROM execution AS e
  WHERE e.indexed_status = 'requested' AND e.priority < below ORDER BY e.priority DESC LIMIT 1;
  IF level IS NULL THEN
    RETURN;
  END IF;
  has_lower := EXISTS (SELECT FROM execution AS e WHERE e.indexed_status = 'requested' AND e.priority < level);
  has_turned := after_pack IS NULL;
  since := COALESCE(after_pack || '/', '') /* '/' follows '.' */;
  LOOP
    next_lane := agent_next_lane(level, since);
    IF next_lane IS NULL THEN
      EXIT WHEN has_turned;
      has_turned := true;
      since := '';
      CONTINUE;
    END IF;
    pack := split_part(next_lane, '.', 1);
    EXIT WHEN pack = packs[1];
    is_cut := cardinality(packs) = most_packs;
    EXIT WHEN is_cut;
    packs := packs || pack;
    since := pack || '/';
  END LOOP;
  FOREACH pack IN ARRAY packs LOOP
    lanes := '{}';
    has_turned := after_lanes ->> pack IS NULL;
    since := COALESCE(after_lanes ->> pack || chr(1), pack || '.');
    LOOP
      next_lane := agent_next_lane(level, since);
      IF next_lane IS NULL OR split_part(next_lane, '.', 1) <> pack THEN
        EXIT WHEN has_turned;
        has_turned := true;
        since := pack || '.';
        CONTINUE;
      END IF;
      EXIT WHEN next_lane = lanes[1];
      is_cut := is_cut OR cardinality(lanes) = GREATEST(1, most_lanes / cardinality(packs));
      EXIT WHEN cardinality(lanes) = GREATEST(1, most_lanes / cardinality(packs));
      lanes := lanes || next_lane;
      since := next_lane || chr(1);
    END LOOP;
    FOREACH next_lane IN ARRAY lanes LOOP
      RETURN QUERY
      SELECT level, next_lane, e.id, is_cut, has_lower
      FROM execution AS e
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
        AND e.schedule_after <= now()
      ORDER BY e.schedule_after, e.id
      LIMIT GREATEST(1, ceil(most::FLOAT8 / cardinality(packs) / cardinality(lanes)));
      IF NOT FOUND THEN
        RETURN QUERY SELECT level, next_lane, NULL::BIGINT, is_cut, has_lower;
      END IF;
    END LOOP;
  END LOOP;
END
$$;
