-- Returns messages that wait in the outbox to be published, oldest first: all of them for a server, its own for a
-- worker.
CREATE OR REPLACE FUNCTION agent_unpublished(most INTEGER, older_than_s FLOAT8)
RETURNS TABLE (id BIGINT, message_id UUID, exchange TEXT, routing_key TEXT, message JSONB)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = attune, pg_temp
AS $$
  SELECT id, message_id, exchange, routing_key, message
  FROM outbox
  WHERE created <= now() - make_interval(secs => older_than_s) AND (agent_owner(NULL) IS NULL OR login = session_user)
  ORDER BY id
  LIMIT most;
$$;
