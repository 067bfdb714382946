-- Takes the name of a worker, and returns its id. When the name is taken, returns who holds it; when it belongs to
-- another owner, returns that owner and nothing else. A name is held until the lease of its holder is over, and another
-- owner's row is not even locked.
CREATE OR REPLACE FUNCTION agent_register(given_owner TEXT, who JSONB, lease_s FLOAT8, gone TEXT)
RETURNS JSONB
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  given_name TEXT := who->>'name';
  given_instance TEXT := who->>'instance';
  given_meta JSONB := jsonb_build_object('instance', given_instance, 'pid', who->'pid', 'process', who->'process');
  taken worker;
  holder worker;
BEGIN
  SELECT * INTO holder FROM worker WHERE name = given_name;
  IF
    holder.id IS NOT NULL
    AND NOT (agent_may(holder.owner, me) OR agent_owner_is_gone(holder.owner) AND holder.last_heartbeat IS NOT NULL)
  THEN
    RETURN jsonb_build_object('owner', holder.owner);
  END IF;
  PERFORM agent_admit(me, who);
  INSERT INTO worker AS w (
    name,
    worker_type,
    worker_role,
    host,
    status,
    capabilities,
    meta,
    last_heartbeat,
    lease_expires_at,
    owner
  )
  VALUES
    (
      given_name,
      who ->> 'workerType',
      'action',
      who ->> 'host',
      'active',
      who -> 'capabilities',
      given_meta,
      now(),
      now() + agent_lease(lease_s),
      COALESCE(me, 'login:' || session_user)
    )
  ON CONFLICT (name) DO UPDATE
    SET
      worker_type = EXCLUDED.worker_type,
      worker_role = EXCLUDED.worker_role,
      host = EXCLUDED.host,
      status = 'active',
      owner = EXCLUDED.owner,
      capabilities = EXCLUDED.capabilities,
      meta = (w.meta - 'draining' - 'paused') || EXCLUDED.meta,
      last_heartbeat = now(),
      avoided_until = NULL,
      lease_expires_at = EXCLUDED.lease_expires_at,
      updated = now()
    WHERE
      (agent_may(w.owner, me) OR agent_owner_is_gone(w.owner) AND w.last_heartbeat IS NOT NULL)
      AND (
        w.meta ->> 'instance' IS NULL
        OR w.meta ->> 'instance' IN (given_instance, gone)
        OR w.last_heartbeat IS NULL
        OR COALESCE(w.lease_expires_at, w.last_heartbeat + agent_lease(lease_s)) < now()
      )
  RETURNING *
  INTO taken;
  IF taken.id IS NULL THEN
    SELECT * INTO holder FROM worker WHERE name = given_name;
    IF NOT agent_may(holder.owner, me) THEN
      RETURN jsonb_build_object('owner', holder.owner);
    END IF;
    RETURN jsonb_build_object('host', holder.host, 'heartbeat', holder.last_heartbeat::text)
      || COALESCE(holder.meta, '{}');
  END IF;
  BEGIN
    /* Rows of versions are shared: whoever holds one keeps nobody from registering. The next registration notes them. */
    PERFORM set_config('lock_timeout', '2s', TRUE);
    PERFORM agent_save_detected(taken.id, who, me);
  EXCEPTION
    WHEN lock_not_available THEN NULL;
  END;
  RETURN jsonb_build_object('worker', taken.id, 'cordoned', taken.cordoned);
END
$$;
