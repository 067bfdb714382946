-- Whether somebody outside listens to messages about each change of status: the setting message_queue.events of the servers. In
-- PL/pgSQL, which plans it once for a session.
CREATE OR REPLACE FUNCTION agent_publishes_events()
RETURNS BOOLEAN
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM agent_setting WHERE name = 'events');
END
$$;
