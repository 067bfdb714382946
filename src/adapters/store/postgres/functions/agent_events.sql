-- Makes the messages of agent_messages where somebody listens to them.
CREATE OR REPLACE FUNCTION agent_events(
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
  SELECT m.routing_key, m.message
  FROM agent_messages(execution, action, action_ref, previous, next, result) AS m
  WHERE agent_publishes_events();
$$;
