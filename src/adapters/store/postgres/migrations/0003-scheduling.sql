-- What scheduling in constant time, fencing by process and the relay of messages need. Nullable or defaulted columns only.

-- When it may be scheduled: later than now while it waits for a retry or for a worker that can run it.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS schedule_after TIMESTAMPTZ DEFAULT now();
-- When its worker was last told.
ALTER TABLE execution ADD COLUMN IF NOT EXISTS dispatched_at TIMESTAMPTZ;
ALTER TABLE execution ADD COLUMN IF NOT EXISTS timeout_seconds INTEGER CHECK (timeout_seconds > 0);

-- Which process holds it: a worker's name may outlive many.
ALTER TABLE execution_claim ADD COLUMN instance TEXT NOT NULL DEFAULT '';

-- The oldest of each action is found without looking at the others, however many wait.
DROP INDEX execution_requested;
CREATE INDEX execution_requested ON execution (action_ref, schedule_after, id) WHERE status = 'requested';

-- Published rows are deleted. The id of a message stays the same when it is published again.
ALTER TABLE outbox DROP COLUMN published_at;
ALTER TABLE outbox ADD COLUMN message_id UUID NOT NULL DEFAULT gen_random_uuid();

CREATE TABLE dead_letter (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue TEXT NOT NULL,
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  reason TEXT NOT NULL,
  body BYTEA NOT NULL,
  created TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The messages that a change of status owes the world; the payloads are those of protocol.md.
CREATE FUNCTION agent_messages(
  execution BIGINT, action BIGINT, action_ref TEXT, previous TEXT, next TEXT, result JSONB
) RETURNS TABLE (routing_key TEXT, message JSONB) LANGUAGE sql STABLE AS $$
  SELECT 'execution.status.changed', jsonb_build_object('message_type', 'ExecutionStatusChanged', 'payload', jsonb_build_object(
    'execution_id', execution, 'action_ref', action_ref, 'previous_status', previous, 'new_status', next, 'changed_at', now()))
  UNION ALL
  SELECT 'execution.completed', jsonb_build_object('message_type', 'ExecutionCompleted', 'payload', jsonb_build_object(
    'execution_id', execution, 'action_id', action, 'action_ref', action_ref,
    'status', CASE next WHEN 'completed' THEN 'Completed' WHEN 'cancelled' THEN 'Cancelled' ELSE 'Failed' END,
    'result', result, 'completed_at', now()))
  WHERE next IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned')
$$;

CREATE FUNCTION agent_dispatch_message(
  execution BIGINT, worker BIGINT, action_ref TEXT, config JSONB, attempt INTEGER, scheduled TIMESTAMPTZ
) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('message_type', 'ExecutionRequested', 'payload', jsonb_build_object(
    'execution_id', execution, 'worker_id', worker, 'action_ref', action_ref, 'config', config,
    'scheduled_attempt_updated_at', scheduled, 'attempt', attempt))
$$;
