-- Whether somebody outside listens to messages about each change of status: the setting message_queue.events of the servers.
CREATE OR REPLACE FUNCTION agent_publishes_events()
RETURNS BOOLEAN
LANGUAGE sql
STABLE
AS $$
  SELECT EXISTS (SELECT FROM agent_setting WHERE name = 'events');
$$;
