-- Makes the message that tells a worker about an execution; docs/protocol.md has its form.
CREATE OR REPLACE FUNCTION agent_dispatch_message(
  execution BIGINT,
  worker BIGINT,
  action_ref TEXT,
  config JSONB,
  attempt INTEGER,
  scheduled TIMESTAMPTZ
)
RETURNS JSONB
LANGUAGE sql
STABLE
AS $$
  SELECT
    jsonb_build_object(
      'message_type', 'ExecutionRequested',
      'payload', jsonb_build_object(
        'execution_id', execution,
        'worker_id', worker,
        'action_ref', action_ref,
        'config', config,
        'scheduled_attempt_updated_at', scheduled,
        'attempt', attempt
      )
    );
$$;
