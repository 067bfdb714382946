-- Removes published messages from the outbox: any of them for a server, its own for a worker.
CREATE OR REPLACE FUNCTION agent_forget(ids JSON)
RETURNS VOID
LANGUAGE sql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
  DELETE FROM outbox
  USING json_array_elements_text(ids) AS gone (id)
  WHERE outbox.id = gone.id::BIGINT AND (agent_owner(NULL) IS NULL OR login = session_user);
$$;
