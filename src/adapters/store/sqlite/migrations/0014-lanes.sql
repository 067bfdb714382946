ALTER TABLE execution ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE action ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- The lane in which an execution waits: its action, and what it needs of a worker where that is its own.
ALTER TABLE execution ADD COLUMN lane TEXT GENERATED ALWAYS AS (
  CASE WHEN instr(action_ref, '.') = 0 THEN '.' ELSE '' END || action_ref ||
  CASE WHEN COALESCE(worker_selector, worker_tolerations, worker_affinity, inline_runtime) IS NULL THEN ''
    ELSE '#' || COALESCE(inline_options->>'runtime_version', '') || COALESCE(worker_selector, '') ||
      COALESCE(worker_tolerations, '') || COALESCE(worker_affinity, '') END
) VIRTUAL;
DROP INDEX IF EXISTS execution_requested;
CREATE INDEX execution_waiting ON execution (priority, lane, schedule_after, id) WHERE status = 'requested';
