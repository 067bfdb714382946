-- Makes the messages that tell Attune's Rust control plane about a change of status; docs/protocol.md has their form.
-- Its executor schedules a requested execution when a message asks for it, and never by itself. It rejects a message
-- about an end without an action: 0 stands for one that is gone.
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
    'execution.requested',
    jsonb_build_object(
      'message_type', 'ExecutionRequested',
      'payload', jsonb_build_object(
        'execution_id', e.id,
        'action_id', e.action,
        'action_ref', e.action_ref,
        'parent_id', e.parent,
        'enforcement_id', e.enforcement,
        'config', e.config
      )
    )
  FROM execution AS e
  WHERE e.id = agent_messages.execution AND agent_messages.next = 'requested'
  UNION ALL
  SELECT
    'execution.completed',
    jsonb_build_object(
      'message_type', 'ExecutionCompleted',
      'payload', jsonb_build_object(
        'execution_id', execution,
        'action_id', COALESCE(action, 0),
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
