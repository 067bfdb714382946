-- A status that changes within one group of statuses (scheduled, running, canceling) changes no index, so that a claim is
-- an update in place (HOT). Indexes have the status as it is here, and never the status itself: any index that has a column
-- that changes keeps the row from being updated in place.
DROP INDEX execution_waiting;
DROP INDEX execution_by_status;
DROP INDEX execution_by_action;
DROP INDEX execution_by_worker;
DROP INDEX execution_active_by_worker;
DROP INDEX execution_with_result;

ALTER TABLE execution
ADD COLUMN indexed_status TEXT NOT NULL GENERATED ALWAYS AS (
  CASE
    WHEN status IN ('scheduled', 'running', 'canceling') THEN 'assigned'
    ELSE status
  END
) STORED;

-- What waits, lane by lane.
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
WHERE indexed_status = 'requested';

-- What is assigned is as much as all workers take at once: whoever looks for one status of it reads all of it.
CREATE INDEX execution_assigned ON execution (worker, id) WHERE indexed_status = 'assigned';

-- Lists of the others, newest first, and the oldest results of all that has ended.
CREATE INDEX execution_by_status ON execution (indexed_status, num_nulls(result), id)
WHERE indexed_status != 'assigned';
CREATE INDEX execution_by_action ON execution (action_ref, indexed_status, id) WHERE indexed_status != 'assigned';
CREATE INDEX execution_by_worker ON execution (worker, indexed_status, id)
WHERE indexed_status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned');

-- The claims, as they were: by that index.
CREATE OR REPLACE VIEW execution_claim AS
SELECT
  e.id AS execution,
  COALESCE(e.attempt, 0) AS attempt,
  e.worker,
  e.claimed_at,
  COALESCE(
    (SELECT w.lease_expires_at FROM worker AS w WHERE w.id = e.worker AND w.meta ->> 'instance' = e.instance),
    '-infinity'
  ) AS lease_expires_at,
  e.instance,
  e.token_hash
FROM execution AS e
WHERE e.indexed_status = 'assigned' AND e.status IN ('running', 'canceling') AND e.instance IS NOT NULL;
