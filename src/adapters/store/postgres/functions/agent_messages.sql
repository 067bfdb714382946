-- Makes the messages that tell other parts of Attune about a change of status; docs/protocol.md has their form.
CREATE OR REPLACE FUNCTION agent_messages(
  execution BIGINT,
  action BIGINT,
  action_ref TEXT,
  previous TEXT,
  next TEXT,
  result JSONB
)
RETURNS TABLE (routing_key TEXT, message JSONB)
LANGUAGE sql
STABLE
AS $$
  SELECT
    'execution.status.changed',
    jsonb_build_object(
      'message_type', 'ExecutionStatusChanged',
      'payload', jsonb_build_object(
        'execution_id', execution,
        'action_ref', action_ref,
        'previous_status', previous,
        'new_status', next,
        'changed_at', now()
      )
    )
  UNION ALL
  SELECT
    'execution.completed',
    jsonb_build_object(
      'message_type', 'ExecutionCompleted',
      'payload', jsonb_build_object(
        'execution_id', execution,
        'action_id', action,
        'action_ref', action_ref,
        'status', CASE next
          WHEN 'completed' THEN 'Completed'
          WHEN 'cancelled' THEN 'Cancelled'
          ELSE 'Failed'
        END,
        'result', result,
        'completed_at', now()
      )
    )
  WHERE next IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned');
$$;
