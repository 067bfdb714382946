-- The priority of an execution, from -100 to 100, says which of those that wait comes first; that of an action is given to its executions.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS priority SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE action ADD COLUMN IF NOT EXISTS priority SMALLINT NOT NULL DEFAULT 0;

-- The lane in which an execution waits: its action, and what it needs of a worker where that is its own. All in one lane
-- need the same. The name begins with the pack and a dot. Another body would need another index.
CREATE FUNCTION execution_lane(
  action_ref TEXT,
  runtime TEXT,
  options JSONB,
  selector JSONB,
  tolerations JSONB,
  affinity JSONB
)
RETURNS TEXT
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
  SELECT
    CASE
      WHEN strpos(action_ref, '.') = 0 THEN '.'
      ELSE ''
    END || action_ref || CASE
      WHEN COALESCE(selector, tolerations, affinity) IS NULL AND runtime IS NULL THEN ''
      ELSE '#' || hashtextextended(
        COALESCE(options ->> 'runtime_version', '')
        || COALESCE(selector::TEXT, '')
        || COALESCE(tolerations::TEXT, '')
        || COALESCE(affinity::TEXT, ''),
        0
      )::TEXT
    END;
$$;

-- What waits, lane by lane.
DROP INDEX IF EXISTS execution_requested;
CREATE INDEX execution_waiting ON execution (
  priority,
  (
    execution_lane(
      action_ref, inline_runtime, inline_options, worker_selector, worker_tolerations, worker_affinity
    ) COLLATE "C"
  ),
  schedule_after,
  id
)
WHERE status = 'requested';

-- Counts the passes of schedulers: a plan that was made while another scheduler wrote its own is dropped.
ALTER TABLE agent_lock ADD COLUMN passes BIGINT NOT NULL DEFAULT 0;

-- By the hash of capabilities a scheduler knows those that it has read already.
ALTER TABLE worker
ADD COLUMN capabilities_hash BIGINT GENERATED ALWAYS AS (hashtextextended(capabilities::TEXT, 0)) STORED;
