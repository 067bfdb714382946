-- What workers do, as functions with the rights of their owner: a login that may do nothing else is a worker, and what it
-- may touch is what is its own. They look for names where no worker can put any. Besides: who had which attempt, and
-- tokens that live as long as an execution runs.

-- Who may act as this worker: 'login:NAME' of this database, 'token:NAME' of the API. NULL: it has not been heard of since.
ALTER TABLE worker ADD COLUMN IF NOT EXISTS owner TEXT;
-- The login whose transaction left the message: it may publish it. Whoever may read the table publishes what is left over.
ALTER TABLE outbox ADD COLUMN login TEXT NOT NULL DEFAULT session_user;
-- SHA-256 of the token of a running execution; and what its action may do with it.
ALTER TABLE execution_claim ADD COLUMN token_hash TEXT UNIQUE;
ALTER TABLE action ADD COLUMN IF NOT EXISTS api_scopes TEXT[] NOT NULL DEFAULT '{}';

-- Logs of an attempt may come when it is over, and somebody else is at the next.
CREATE TABLE execution_attempt (
  execution BIGINT NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  worker BIGINT NOT NULL REFERENCES worker (id) ON DELETE CASCADE,
  claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (execution, attempt)
);
CREATE INDEX execution_attempt_worker ON execution_attempt (worker);
INSERT INTO execution_attempt (execution, attempt, worker, claimed_at) SELECT execution, attempt, worker, claimed_at FROM execution_claim;

-- For whom the caller acts. A login that may write the table of workers itself says so (NULL: for all of them); any other
-- acts for itself, whatever it says.
CREATE FUNCTION agent_owner(given TEXT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN has_table_privilege(session_user, 'worker', 'UPDATE') THEN given ELSE 'login:' || session_user END
$$;

CREATE FUNCTION agent_may(owner TEXT, me TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE AS $$
  SELECT me IS NULL OR owner IS NULL OR owner = me
$$;

-- Its worker's name is free for others then.
CREATE FUNCTION agent_owner_is_gone(owner TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT CASE split_part(owner, ':', 1)
    WHEN 'login' THEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = substr(owner, 7))
    WHEN 'token' THEN NOT EXISTS (
      SELECT FROM api_token WHERE name = substr(owner, 7) AND revoked_at IS NULL AND COALESCE(expires_at > now(), true))
    ELSE false END
$$;

-- One row: it has the name; or who has, of which nothing more is told to somebody else.
CREATE FUNCTION agent_register(given_owner TEXT, who JSONB, lease_s FLOAT8, gone TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  given_name TEXT := who->>'name';
  given_instance TEXT := who->>'instance';
  given_meta JSONB := jsonb_build_object('instance', given_instance, 'pid', who->'pid', 'process', who->'process');
  taken worker;
  holder worker;
BEGIN
  INSERT INTO worker AS w (name, worker_type, worker_role, host, status, capabilities, meta, last_heartbeat, owner)
  VALUES (given_name, who->>'workerType', 'action', who->>'host', 'active', who->'capabilities', given_meta, now(), COALESCE(me, 'login:' || session_user))
  ON CONFLICT (name) DO UPDATE
  SET worker_type = EXCLUDED.worker_type, worker_role = EXCLUDED.worker_role, host = EXCLUDED.host, status = 'active', owner = EXCLUDED.owner,
    capabilities = EXCLUDED.capabilities, meta = (w.meta - 'draining') || EXCLUDED.meta, last_heartbeat = now(), updated = now()
  WHERE (agent_may(w.owner, me) OR agent_owner_is_gone(w.owner) AND w.last_heartbeat IS NOT NULL)
    AND (w.meta->>'instance' IS NULL OR w.meta->>'instance' IN (given_instance, gone)
      OR w.last_heartbeat IS NULL OR w.last_heartbeat < now() - make_interval(secs => lease_s))
  RETURNING * INTO taken;
  IF taken.id IS NULL THEN
    SELECT * INTO holder FROM worker WHERE name = given_name;
    IF NOT agent_may(holder.owner, me) THEN
      RETURN jsonb_build_object('owner', holder.owner);
    END IF;
    RETURN jsonb_build_object('host', holder.host, 'heartbeat', holder.last_heartbeat::text) || COALESCE(holder.meta, '{}');
  END IF;
  UPDATE execution_claim c SET lease_expires_at = now() - interval '1 second' WHERE c.worker = taken.id AND c.instance <> given_instance;
  PERFORM agent_save_detected(taken.id, who, me);
  RETURN jsonb_build_object('worker', taken.id, 'cordoned', taken.cordoned);
END $$;

-- What a worker has found: versions of its own, replaced as a whole, and what the registry did not know. A version is
-- available while any worker has it. How a runtime runs is not for a worker to say that may act for itself only.
CREATE FUNCTION agent_save_detected(given_worker BIGINT, who JSONB, me TEXT) RETURNS VOID
LANGUAGE plpgsql SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
BEGIN
  WITH found AS (
    SELECT 'core.' || name AS ref, row_number() OVER (PARTITION BY name) AS rank, f.*
    FROM jsonb_to_recordset(who->'capabilities'->'detected_interpreters') AS f(name TEXT, path TEXT, version TEXT)
  ), templates AS (
    SELECT * FROM jsonb_to_recordset(who->'templates') AS t(name TEXT, aliases JSONB, "executionConfig" JSONB)
  ), unknown AS (
    INSERT INTO runtime (ref, name, aliases, installation, execution_config, auto_detected, detection_config)
    SELECT f.ref, f.name, ARRAY(SELECT jsonb_array_elements_text(t.aliases)), '{"managed_by": "attune-agent"}',
      CASE WHEN me IS NULL THEN jsonb_set(t."executionConfig", '{interpreter,binary}', to_jsonb(f.path)) ELSE '{}' END, true,
      CASE WHEN me IS NULL THEN jsonb_build_object('detected_path', f.path, 'detected_name', f.name, 'detected_version', f.version) ELSE '{}' END
    FROM found f JOIN templates t ON t.name = f.name WHERE f.rank = 1
    ON CONFLICT (ref) DO UPDATE SET detection_config = EXCLUDED.detection_config, installation = EXCLUDED.installation,
      execution_config = EXCLUDED.execution_config
    WHERE runtime.auto_detected AND runtime.execution_config = '{}' AND EXCLUDED.execution_config <> '{}'
    RETURNING id, ref
  ), runtimes AS (
    SELECT id, ref FROM unknown UNION SELECT id, ref FROM runtime WHERE ref IN (SELECT ref FROM found)
  ), versions AS (
    INSERT INTO runtime_version (runtime, runtime_ref, version, version_major, version_minor, version_patch, is_default, verified_at)
    SELECT DISTINCT ON (r.id, f.version) r.id, f.ref, f.version, substring(f.version FROM '^\d{1,9}')::integer,
      substring(f.version FROM '^\d+\.(\d{1,9})')::integer, substring(f.version FROM '^\d+\.\d+\.(\d{1,9})')::integer,
      f.rank = 1 AND NOT EXISTS (SELECT FROM runtime_version o WHERE o.runtime = r.id AND o.is_default), now()
    FROM found f JOIN runtimes r ON r.ref = f.ref WHERE f.version IS NOT NULL ORDER BY r.id, f.version, f.rank
    ON CONFLICT (runtime, version) DO UPDATE SET available = true, verified_at = now()
  ), gone AS (
    DELETE FROM worker_runtime_version w WHERE w.worker = given_worker AND (w.path, w.runtime_ref) NOT IN (SELECT path, ref FROM found)
  )
  INSERT INTO worker_runtime_version (worker, runtime_ref, version, path)
  SELECT given_worker, ref, COALESCE(version, ''), path FROM found
  ON CONFLICT (worker, path, runtime_ref) DO UPDATE SET version = EXCLUDED.version, verified_at = now();
  UPDATE runtime_version v SET available = has.any_worker FROM (
    SELECT v.id, EXISTS (SELECT FROM worker_runtime_version w WHERE w.runtime_ref = v.runtime_ref AND w.version = v.version) AS any_worker
    FROM runtime_version v WHERE v.execution_config = '{}'
  ) has WHERE has.id = v.id AND v.available <> has.any_worker;
END $$;

-- One statement for the worker and all its leases. A worker that was given up for lost is active again.
CREATE FUNCTION agent_heartbeat(given_owner TEXT, given_worker BIGINT, given_instance TEXT, lease_s FLOAT8)
RETURNS TABLE (cordoned BOOLEAN, execution BIGINT, attempt INTEGER, status TEXT)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  RETURN QUERY WITH alive AS (
    UPDATE worker SET last_heartbeat = now(),
      status = CASE WHEN meta ? 'draining' THEN 'inactive' ELSE 'active' END
    WHERE id = given_worker AND meta->>'instance' = given_instance AND agent_may(owner, me)
    RETURNING id, cordoned
  ), renewed AS (
    UPDATE execution_claim c SET lease_expires_at = now() + make_interval(secs => lease_s)
    FROM alive WHERE c.worker = alive.id AND c.instance = given_instance
    RETURNING c.execution, c.attempt
  )
  SELECT alive.cordoned, renewed.execution, renewed.attempt, e.status
  FROM alive LEFT JOIN renewed ON true LEFT JOIN execution e ON e.id = renewed.execution;
END $$;

-- Compare-and-set on execution, attempt, worker and status. What this process has claimed already is returned again: the
-- answer may have been lost. Rows are locked in the order of their ids, so that batches cannot deadlock.
CREATE FUNCTION agent_claim(given_owner TEXT, given_worker BIGINT, given_instance TEXT, offers JSON, lease_s FLOAT8)
RETURNS TABLE (claimed JSONB, outbox JSONB)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  RETURN QUERY WITH wanted AS (
    SELECT e.id, e.status, o."tokenHash" AS token_hash FROM execution e
    JOIN json_to_recordset(offers) AS o(execution BIGINT, attempt INTEGER, "tokenHash" TEXT) ON o.execution = e.id
    WHERE e.worker = given_worker AND COALESCE(e.attempt, 0) = COALESCE(o.attempt, e.attempt, 0)
      AND (e.status = 'scheduled' OR EXISTS (
        SELECT FROM execution_claim c WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0) AND c.instance = given_instance))
      AND EXISTS (SELECT FROM worker w WHERE w.id = given_worker AND w.meta->>'instance' = given_instance AND agent_may(w.owner, me))
    ORDER BY e.id FOR UPDATE OF e
  ), taken AS (
    UPDATE execution e SET status = 'running', started_at = COALESCE(e.started_at, now()), updated = now()
    FROM wanted WHERE e.id = wanted.id AND (e.status = 'scheduled' OR e.status = 'running')
    RETURNING e.*, wanted.status AS previous, wanted.token_hash
  ), claims AS (
    INSERT INTO execution_claim (execution, attempt, worker, instance, lease_expires_at, token_hash)
    SELECT t.id, COALESCE(t.attempt, 0), t.worker, given_instance, now() + make_interval(secs => lease_s),
      CASE WHEN a.api_scopes <> '{}' THEN t.token_hash END
    FROM taken t LEFT JOIN action a ON a.id = t.action
    ON CONFLICT (execution) DO UPDATE SET attempt = EXCLUDED.attempt, worker = EXCLUDED.worker, token_hash = EXCLUDED.token_hash,
      instance = EXCLUDED.instance, claimed_at = now(), lease_expires_at = EXCLUDED.lease_expires_at
  ), attempts AS (
    INSERT INTO execution_attempt (execution, attempt, worker) SELECT id, COALESCE(attempt, 0), worker FROM taken
    ON CONFLICT (execution, attempt) DO UPDATE SET worker = EXCLUDED.worker
  ), told AS (
    INSERT INTO outbox (exchange, routing_key, message)
    SELECT 'attune.executions', m.routing_key, m.message
    FROM taken t, LATERAL agent_messages(t.id, t.action, t.action_ref, t.previous, 'running', NULL) m
    RETURNING id, message_id, exchange, routing_key, message
  )
  SELECT jsonb_build_object('id', t.id, 'attempt', COALESCE(t.attempt, 0), 'action_ref', t.action_ref, 'config', t.config, 'env_vars', t.env_vars,
      'timeout_seconds', t.timeout_seconds, 'retry_count', t.retry_count, 'max_retries', COALESCE(t.max_retries, a.max_retries),
      'pack_ref', a.pack_ref, 'entrypoint', a.entrypoint, 'runtime', r.name,
      'inline_runtime', t.inline_runtime, 'inline_code', t.inline_code, 'inline_options', t.inline_options, 'out_schema', a.out_schema,
      'param_schema', a.param_schema, 'pack_version', p.version, 'pack_checksum', p.checksum, 'api_scopes', a.api_scopes)
    || jsonb_build_object('runtime_config',
      CASE WHEN r.installation->>'managed_by' = 'attune-agent' THEN NULL ELSE jsonb_build_object('execution_config', r.execution_config,
        'versions', (SELECT jsonb_agg(jsonb_build_object('version', v.version, 'execution_config', v.execution_config) ORDER BY v.id)
          FROM runtime_version v WHERE v.runtime = r.id AND v.execution_config <> '{}')) END,
      'keys', (SELECT jsonb_agg(jsonb_build_object('ref', k.ref, 'owner_type', k.owner_type, 'name', k.name, 'encrypted', k.encrypted,
        'encryption_key_hash', k.encryption_key_hash, 'value', k.value)) FROM key k
        WHERE k.owner_type = 'action' AND k.owner_action_ref = a.ref OR k.owner_type = 'pack' AND k.owner_pack_ref = a.pack_ref
          OR k.owner_type = 'system' AND k.name IN (
            SELECT s.key FROM jsonb_each(CASE jsonb_typeof(COALESCE(a.param_schema->'properties', a.param_schema)) WHEN 'object'
              THEN COALESCE(a.param_schema->'properties', a.param_schema) END) s WHERE s.value->>'secret' = 'true')),
      'runtime_version_constraint', a.runtime_version_constraint, 'parameter_delivery', a.parameter_delivery,
      'parameter_format', a.parameter_format, 'output_format', a.output_format, 'action_timeout_seconds', a.timeout_seconds),
    to_jsonb(told)
  FROM taken t
  JOIN told ON (told.message->'payload'->>'execution_id')::bigint = t.id
  LEFT JOIN action a ON a.id = t.action LEFT JOIN runtime r ON r.id = a.runtime LEFT JOIN pack p ON p.id = a.pack
  ORDER BY t.id;
END $$;

-- The time of a chunk is part of its key: writing it again does nothing. Chunks of attempts of others are left out.
CREATE FUNCTION agent_append_logs(given_owner TEXT, chunks JSON) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data, at)
  SELECT c.execution, c.attempt, c.stream, c.seq, c."offset", decode(c.data, 'base64'), c.at
  FROM json_to_recordset(chunks) AS c(execution BIGINT, attempt INTEGER, stream TEXT, seq INTEGER, "offset" BIGINT, data TEXT, at TIMESTAMPTZ)
  WHERE me IS NULL OR EXISTS (
    SELECT FROM execution_attempt t JOIN worker w ON w.id = t.worker
    WHERE t.execution = c.execution AND t.attempt = c.attempt AND agent_may(w.owner, me))
  ON CONFLICT DO NOTHING;
END $$;

-- Compare-and-set on the claim, in one transaction with the messages about it and with the files that were left.
CREATE FUNCTION agent_settle(given_owner TEXT, settlements JSON, secrets JSON, files JSON)
RETURNS TABLE (accepted BIGINT, outbox JSONB)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  FOR accepted, outbox IN
    WITH given AS (
      SELECT * FROM json_to_recordset(settlements)
        AS g(execution BIGINT, attempt INTEGER, worker BIGINT, instance TEXT, status TEXT, result JSONB, reason TEXT, delay_s FLOAT8)
    ), held AS (
      SELECT e.id, e.status AS previous,
        CASE WHEN e.status = 'canceling' AND g.status = 'requested' THEN 'cancelled' ELSE g.status END AS next, g.result, g.reason, g.delay_s
      FROM given g
      JOIN execution e ON e.id = g.execution
      JOIN execution_claim c ON c.execution = g.execution AND c.attempt = g.attempt AND c.worker = g.worker AND c.instance = g.instance
      JOIN worker w ON w.id = c.worker AND agent_may(w.owner, me)
      WHERE e.status IN ('running', 'canceling')
      ORDER BY e.id FOR UPDATE OF e, c
    ), freed AS (
      DELETE FROM execution_claim c USING held WHERE c.execution = held.id
    ), settled AS (
      UPDATE execution e SET status = held.next, updated = now(),
        result = CASE WHEN held.next = 'requested' THEN NULL ELSE held.result END,
        worker = CASE WHEN held.next = 'requested' THEN NULL ELSE e.worker END,
        retry_count = e.retry_count + CASE WHEN held.next = 'requested' THEN 1 ELSE 0 END,
        retry_reason = CASE WHEN held.next = 'requested' THEN held.reason ELSE e.retry_reason END,
        schedule_after = CASE WHEN held.next = 'requested' THEN now() + make_interval(secs => held.delay_s) ELSE e.schedule_after END
      FROM held WHERE e.id = held.id
      RETURNING e.id, e.action, e.action_ref, held.previous, e.status, e.result
    ), kept AS (
      INSERT INTO execution_secret_value (execution, path, encryption_key_hash, value)
      SELECT s.id, k.path, k.hash, to_jsonb(k.value)
      FROM settled s JOIN json_to_recordset(secrets) AS k(execution BIGINT, path TEXT, hash TEXT, value TEXT) ON k.execution = s.id
      ON CONFLICT (execution, path) DO UPDATE SET encryption_key_hash = EXCLUDED.encryption_key_hash, value = EXCLUDED.value
    ), told AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM settled s, LATERAL agent_messages(s.id, s.action, s.action_ref, s.previous, s.status, s.result) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT id, NULL::jsonb FROM settled UNION ALL SELECT NULL, to_jsonb(told) FROM told
  LOOP
    IF accepted IS NOT NULL AND files IS NOT NULL THEN
      PERFORM agent_save_artifacts(accepted, files);
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- A version of each file that this execution left. Artifacts are locked in the order of their names. Bytes lie where the
-- execution and the attempt say, and nowhere else.
CREATE FUNCTION agent_save_artifacts(given_execution BIGINT, files JSON) RETURNS VOID LANGUAGE sql AS $$
  WITH given AS (
    SELECT e.id AS execution, e.action_ref, e.action_ref || '/' || f.name AS ref, f.attempt, f.name, f.bytes, f.checksum, f.path
    FROM execution e JOIN json_to_recordset(files) AS f(execution BIGINT, attempt INTEGER, name TEXT, bytes BIGINT, checksum TEXT, path TEXT)
      ON f.execution = e.id
    WHERE e.id = given_execution AND f.path = e.id || '/' || f.attempt || '/' || f.name AND f.name !~ '(^|/)\.\.(/|$)'
  ), named AS (
    INSERT INTO artifact AS a (ref, name, action_ref, execution, last_version)
    SELECT ref, name, action_ref, execution, 1 FROM given ORDER BY ref
    ON CONFLICT (ref) DO UPDATE SET last_version = a.last_version + 1, execution = EXCLUDED.execution, updated = now()
    RETURNING id, ref, last_version
  )
  INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, attempt)
  SELECT n.id, n.last_version, g.bytes, g.checksum, g.path, g.execution, g.attempt FROM given g JOIN named n ON n.ref = g.ref
$$;

-- Inactive from now on, though alive; what waits for it is requested again, at no cost of a retry.
CREATE FUNCTION agent_begin_drain(given_owner TEXT, given_worker BIGINT, given_instance TEXT)
RETURNS TABLE (id BIGINT, message_id UUID, exchange TEXT, routing_key TEXT, message JSONB)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  RETURN QUERY WITH draining AS (
    UPDATE worker SET status = 'inactive', meta = meta || '{"draining": true}', updated = now()
    WHERE worker.id = given_worker AND meta->>'instance' = given_instance AND agent_may(owner, me)
    RETURNING worker.id
  ), released AS (
    UPDATE execution e SET status = 'requested', worker = NULL, schedule_after = now(), updated = now()
    FROM draining WHERE e.worker = draining.id AND e.status = 'scheduled'
    RETURNING e.id, e.action, e.action_ref
  )
  INSERT INTO outbox (exchange, routing_key, message)
  SELECT 'attune.executions', m.routing_key, m.message
  FROM released r, LATERAL agent_messages(r.id, r.action, r.action_ref, 'scheduled', 'requested', NULL) m
  RETURNING outbox.id, outbox.message_id, outbox.exchange, outbox.routing_key, outbox.message;
END $$;

-- The row stays, for its history and its cordon; what it still held is for the monitor to recover, at once.
CREATE FUNCTION agent_deregister(given_owner TEXT, given_worker BIGINT, given_instance TEXT) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  WITH gone AS (
    UPDATE worker SET status = 'inactive', meta = meta - '{instance,pid,process,draining}'::text[], updated = now()
    WHERE id = given_worker AND meta->>'instance' = given_instance AND agent_may(owner, me)
    RETURNING id
  )
  UPDATE execution_claim c SET lease_expires_at = now() FROM gone WHERE c.worker = gone.id AND c.instance = given_instance;
END $$;

-- Whether the caller may act as that process of that worker.
CREATE FUNCTION agent_holds(me TEXT, given_worker BIGINT, given_instance TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT me IS NULL OR EXISTS (
    SELECT FROM worker WHERE id = given_worker AND meta->>'instance' = given_instance AND agent_may(owner, me))
$$;

-- The row is the lease: whoever gets it from nobody, from a holder that is silent, or after the pause of a failure.
CREATE FUNCTION agent_begin_environment(given_owner TEXT, given_worker BIGINT, given_instance TEXT, environment JSON, lease_s FLOAT8)
RETURNS TABLE (is_mine BOOLEAN, status TEXT, install_error TEXT, retry_in_s FLOAT8, has_pack BOOLEAN)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
  given_key TEXT := environment->>'key';
  given_runtime TEXT := 'core.' || (environment->>'runtime');
BEGIN
  IF NOT agent_holds(me, given_worker, given_instance) THEN
    RETURN QUERY SELECT false, NULL::text, NULL::text, NULL::float8, true; /* as if somebody else were at it */
    RETURN;
  END IF;
  RETURN QUERY WITH taken AS (
    INSERT INTO pack_environment AS e (pack, pack_ref, runtime, runtime_ref, env_key, status, manifest_checksum, claimed_by_worker,
      claimed_by_instance, claim_expires_at)
    SELECT p.id, p.ref, r.id, given_runtime, given_key, 'installing', environment->>'checksum', given_worker, given_instance,
      now() + make_interval(secs => lease_s)
    FROM pack p LEFT JOIN runtime r ON r.ref = given_runtime WHERE p.ref = environment->>'packRef'
    ON CONFLICT (env_key) DO UPDATE SET status = 'installing', claimed_by_worker = EXCLUDED.claimed_by_worker,
      claimed_by_instance = EXCLUDED.claimed_by_instance, claim_expires_at = EXCLUDED.claim_expires_at, updated = now()
    WHERE (e.status = 'installing' AND e.claim_expires_at > now() AND e.claimed_by_instance IS DISTINCT FROM given_instance) IS NOT TRUE
      AND (e.status = 'failed' AND e.retry_after > now()) IS NOT TRUE
    RETURNING e.status
  )
  SELECT true, status, NULL::text, NULL::float8, true FROM taken
  UNION ALL
  SELECT false, status, install_error, extract(epoch FROM retry_after - now())::float8, true FROM pack_environment
  WHERE env_key = given_key AND NOT EXISTS (SELECT FROM taken);
  IF NOT FOUND THEN
    RETURN QUERY SELECT false, NULL::text, NULL::text, NULL::float8, EXISTS (SELECT FROM pack WHERE ref = environment->>'packRef');
  END IF;
END $$;

CREATE FUNCTION agent_renew_environment(given_owner TEXT, given_worker BIGINT, given_instance TEXT, given_key TEXT, lease_s FLOAT8) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE pack_environment SET claim_expires_at = now() + make_interval(secs => lease_s)
  WHERE env_key = given_key AND status = 'installing' AND claimed_by_instance = given_instance
    AND agent_holds(agent_owner(given_owner), given_worker, given_instance);
  RETURN FOUND;
END $$;

-- How it went. How long to wait after a failure depends on how many there were: the pauses in seconds, the last for all
-- that follow. Those that a new one takes the place of, from an older state of the same pack, are outdated.
CREATE FUNCTION agent_end_environment(
  given_owner TEXT, given_worker BIGINT, given_instance TEXT, given_key TEXT, given_status TEXT, given_error TEXT, pauses_s JSON
) RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE pack_environment SET status = given_status, install_error = given_error, claimed_by_instance = NULL, claimed_by_worker = NULL,
    claim_expires_at = NULL, updated = now(),
    retry_after = CASE given_status WHEN 'failed' THEN now() + make_interval(secs => (pauses_s->>LEAST(failures, json_array_length(pauses_s) - 1))::float8) END,
    failures = CASE given_status WHEN 'failed' THEN failures + 1 WHEN 'ready' THEN 0 ELSE failures END
  WHERE env_key = given_key AND claimed_by_instance = given_instance
    AND agent_holds(agent_owner(given_owner), given_worker, given_instance);
  IF FOUND AND given_status = 'ready' THEN
    UPDATE pack_environment SET status = 'outdated', updated = now()
    WHERE env_key <> given_key AND status = 'ready' AND regexp_replace(env_key, '-[^-]*$', '') = regexp_replace(given_key, '-[^-]*$', '');
  END IF;
END $$;

-- They were removed from a volume, which is its workers' in common.
CREATE FUNCTION agent_forget_environments(keys JSON) RETURNS VOID
LANGUAGE sql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
  DELETE FROM pack_environment USING json_array_elements_text(keys) AS gone(key) WHERE env_key = gone.key AND status <> 'installing'
$$;

-- Messages that wait to be published: all, or those that this login has left.
CREATE FUNCTION agent_unpublished(most INTEGER, older_than_s FLOAT8)
RETURNS TABLE (id BIGINT, message_id UUID, exchange TEXT, routing_key TEXT, message JSONB)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = attune, pg_temp AS $$
  SELECT id, message_id, exchange, routing_key, message FROM outbox
  WHERE created <= now() - make_interval(secs => older_than_s) AND (agent_owner(NULL) IS NULL OR login = session_user)
  ORDER BY id LIMIT most
$$;

CREATE FUNCTION agent_forget(ids JSON) RETURNS VOID
LANGUAGE sql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
  DELETE FROM outbox USING json_array_elements_text(ids) AS gone(id)
  WHERE outbox.id = gone.id::bigint AND (agent_owner(NULL) IS NULL OR login = session_user)
$$;

-- A partition for each of the next days; those that ended before the last `days` are dropped whole. A partition whose
-- rows have come early into the default one cannot be made: that day stays there. Only an owner of the table may do it.
CREATE FUNCTION agent_keep_logs(days INTEGER, days_ahead INTEGER, audit_days INTEGER) RETURNS SETOF TEXT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attune, pg_temp AS $$
#variable_conflict use_column
DECLARE
  one RECORD;
BEGIN
  PERFORM pg_advisory_xact_lock(x'6c6f6773'::bigint) /* "logs", as bytes */;
  FOR one IN
    SELECT 'execution_log_' || to_char(day, 'YYYYMMDD') AS name, day::date || ' 00:00+00' AS since, (day + interval '1 day')::date || ' 00:00+00' AS until
    FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC'), now() AT TIME ZONE 'UTC' + make_interval(days => days_ahead), '1 day') AS day
    WHERE to_regclass('attune.execution_log_' || to_char(day, 'YYYYMMDD')) IS NULL
      AND NOT EXISTS (SELECT FROM execution_log_default WHERE at >= day AT TIME ZONE 'UTC' AND at < (day + interval '1 day') AT TIME ZONE 'UTC')
  LOOP
    EXECUTE format('CREATE TABLE attune.%I PARTITION OF attune.execution_log FOR VALUES FROM (%L) TO (%L)', one.name, one.since, one.until);
  END LOOP;
  FOR one IN
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'attune.execution_log'::regclass AND c.relname ~ '^execution_log_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - days
  LOOP
    EXECUTE format('DROP TABLE attune.%I', one.name);
    RETURN NEXT one.name;
  END LOOP;
  DELETE FROM execution_log_default WHERE at < now() - make_interval(days => days);
  DELETE FROM dead_letter WHERE created < now() - make_interval(days => days);
  DELETE FROM audit_log WHERE at < now() - make_interval(days => audit_days);
END $$;

-- Whoever may call them is said by agent_grant.
DO $$
DECLARE
  one REGPROCEDURE;
BEGIN
  FOR one IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'attune'::regnamespace AND p.proname LIKE 'agent\_%' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
  END LOOP;
END $$;

-- The three roles, for the whole server, and what each may do in this database. Returns what could not be done, and why.
-- Members of attune_worker call functions; of attune_server work on the tables; of attune_readonly read what is no secret.
CREATE FUNCTION agent_grant() RETURNS SETOF TEXT LANGUAGE plpgsql SET search_path = attune, pg_temp AS $$
DECLARE
  role TEXT;
  one RECORD;
BEGIN
  /* Before PostgreSQL 15: a function there could take the place of one that a server means. */
  IF has_schema_privilege('public', 'public', 'CREATE') THEN
    RETURN NEXT 'schema public: everybody may create functions in it: REVOKE CREATE ON SCHEMA public FROM PUBLIC';
  END IF;
  FOREACH role IN ARRAY '{attune_worker,attune_server,attune_readonly}'::text[] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
      END IF;
      EXECUTE format('GRANT USAGE ON SCHEMA attune TO %I', role);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; /* another database of this server makes it at this moment */
      WHEN insufficient_privilege THEN
        RETURN NEXT format('role %s: %s', role, SQLERRM);
        RETURN;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA attune TO %I', role);
  END LOOP;
  FOR one IN
    SELECT p.oid::regprocedure AS name, p.prosecdef AND p.proname <> 'agent_keep_logs' AS is_for_workers FROM pg_proc p
    WHERE p.pronamespace = 'attune'::regnamespace AND p.proname LIKE 'agent\_%' AND p.proname <> 'agent_grant'
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attune_server', one.name);
    IF one.is_for_workers THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attune_worker', one.name);
    END IF;
  END LOOP;
  FOR one IN
    SELECT c.oid::regclass AS name, c.relname NOT IN ('agent_migration') AS is_written,
      (SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND (c.relname, a.attname) NOT IN (('key', 'value'), ('api_token', 'hash'), ('execution_claim', 'token_hash'), ('execution_secret_value', 'value'))) AS open
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'attune'::regnamespace
  LOOP
    BEGIN
      EXECUTE format('GRANT SELECT (%s) ON %s TO attune_readonly', one.open, one.name);
      EXECUTE format('GRANT SELECT %s ON %s TO attune_server', CASE WHEN one.is_written THEN ', INSERT, UPDATE, DELETE' END, one.name);
    EXCEPTION WHEN insufficient_privilege THEN
      RETURN NEXT format('table %s: %s', one.name, SQLERRM);
    END;
  END LOOP;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA attune TO attune_server;
END $$;
REVOKE EXECUTE ON FUNCTION agent_grant() FROM PUBLIC;
