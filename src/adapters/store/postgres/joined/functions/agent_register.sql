-- Takes the name of a worker, and returns its id. When the name is taken, returns who holds it; when it belongs to
-- another owner, returns that owner and nothing else. A worker of another agent holds its name until it is inactive or
-- has been silent for the 90 seconds that Attune's Rust control plane grants it. What an earlier process of the name has
-- left running is abandoned.
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
  taken worker;
  held agent_worker;
  silent_s FLOAT8;
  is_free BOOLEAN;
BEGIN
  /* Before anything is locked: another owner's row is none of the caller's business. */
  SELECT a.* INTO held FROM worker AS w JOIN agent_worker AS a ON a.worker = w.id WHERE w.name = given_name;
  IF NOT agent_may(held.owner, me) AND NOT agent_owner_is_gone(held.owner) THEN
    RETURN jsonb_build_object('owner', held.owner);
  END IF;
  SELECT * INTO taken FROM worker WHERE name = given_name;
  IF held.worker IS NULL AND taken.status != 'inactive' AND taken.last_heartbeat > clock_timestamp() - INTERVAL '90 seconds' THEN
    RETURN jsonb_build_object(
      'host', taken.host,
      'heartbeat', taken.last_heartbeat::text,
      'instance', '',
      'pid', 0,
      'process', NULL
    );
  END IF;
  PERFORM agent_admit(me, who);
  INSERT INTO worker (name, worker_type, worker_role, status)
  VALUES (given_name, (who ->> 'workerType')::worker_type_enum, 'action', 'inactive')
  ON CONFLICT (name) DO NOTHING;
  SELECT * INTO taken FROM worker WHERE name = given_name FOR NO KEY UPDATE;
  SELECT * INTO held FROM agent_worker WHERE worker = taken.id;
  IF NOT agent_may(held.owner, me) AND NOT (agent_owner_is_gone(held.owner) AND taken.last_heartbeat IS NOT NULL) THEN
    RETURN jsonb_build_object('owner', held.owner);
  END IF;
  silent_s := COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - taken.last_heartbeat), 'infinity');
  IF held.instance IS NULL OR held.beat_at IS DISTINCT FROM taken.last_heartbeat THEN
    is_free := taken.status = 'inactive' OR silent_s > GREATEST(EXTRACT(EPOCH FROM agent_lease(lease_s)), 90);
  ELSE
    is_free := held.instance IN (given_instance, gone) OR COALESCE(held.lease_expires_at < now(), TRUE);
  END IF;
  IF NOT is_free OR taken.worker_role != 'action' THEN
    RETURN jsonb_build_object(
      'host', taken.host,
      'heartbeat', taken.last_heartbeat::text,
      'instance', COALESCE(held.instance, ''),
      'pid', COALESCE(held.pid, 0),
      'process', held.process
    );
  END IF;
  UPDATE worker
  SET
    worker_type = (who ->> 'workerType')::worker_type_enum,
    host = who ->> 'host',
    status = 'active',
    capabilities = who -> 'capabilities',
    last_heartbeat = now(),
    updated = now()
  WHERE id = taken.id;
  INSERT INTO agent_worker (worker, owner, instance, pid, process, beat_at, lease_expires_at)
  VALUES
    (
      taken.id,
      COALESCE(me, 'login:' || session_user),
      given_instance,
      (who ->> 'pid')::INTEGER,
      who ->> 'process',
      now(),
      now() + agent_lease(lease_s)
    )
  ON CONFLICT (worker) DO UPDATE
    SET
      owner = EXCLUDED.owner,
      instance = EXCLUDED.instance,
      pid = EXCLUDED.pid,
      process = EXCLUDED.process,
      is_draining = FALSE,
      beat_at = now(),
      lease_expires_at = EXCLUDED.lease_expires_at;
  PERFORM agent_abandon(taken.id, given_instance);
  PERFORM agent_keep_logs(7, 0, 0);
  RETURN jsonb_build_object('worker', taken.id, 'cordoned', taken.cordoned, 'database', 'joined');
END
$$;
