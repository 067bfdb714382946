-- Takes messages that wait in the outbox, to publish them, and returns them, oldest first: any of them for a server,
-- its own for a worker. While the lease lasts nobody else is given them, so that each is published by one process.
CREATE OR REPLACE FUNCTION agent_unpublished(most INTEGER, older_than_s FLOAT8, lease_s FLOAT8 DEFAULT 15)
RETURNS TABLE (id BIGINT, message_id UUID, exchange TEXT, routing_key TEXT, message JSONB)
LANGUAGE sql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
  WITH
    waiting AS (
      SELECT id
      FROM outbox
      WHERE
        created <= now() - agent_seconds(older_than_s, 0, 86400)
        AND COALESCE(taken_until <= now(), TRUE)
        AND (agent_owner(NULL) IS NULL OR login = session_user)
      ORDER BY id
      LIMIT GREATEST(LEAST(most, 10000), 0)
      FOR UPDATE SKIP LOCKED
    ),
    taken AS (
      UPDATE outbox AS o
      SET taken_until = now() + agent_seconds(lease_s, 0, 900)
      FROM waiting
      WHERE o.id = waiting.id
      RETURNING o.id, o.message_id, o.exchange, o.routing_key, o.message
    )
  SELECT id, message_id, exchange, routing_key, message
  FROM taken
  ORDER BY id;
$$;
