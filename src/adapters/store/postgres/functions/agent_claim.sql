-- Starts executions by compare-and-set on execution, attempt, worker and status. What this process has claimed before
-- is returned again, because the answer may have been lost. Rows change in the order of their ids, so that batches of
-- several workers cannot deadlock. The lease of the worker is that of all its claims: one that would soon be over is
-- renewed, and otherwise the row of the worker is left to its heartbeat. The messages about it are written where somebody
-- listens, and for agents up to 0.1.0, which are not quiet: they expect one with each claim.
CREATE OR REPLACE FUNCTION agent_claim(
  given_owner TEXT,
  given_worker BIGINT,
  given_instance TEXT,
  offers JSON,
  lease_s FLOAT8,
  quiet BOOLEAN DEFAULT FALSE
)
RETURNS TABLE (claimed JSONB, outbox JSONB)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = attune, pg_temp
SET lock_timeout = '5s'
SET jit = off
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  /* As variables: plans with literals would read all that its worker has, by the index of these statuses. */
  waits CONSTANT TEXT := 'scheduled';
  runs CONSTANT TEXT := 'running';
  me TEXT := agent_owner(given_owner);
  says BOOLEAN := NOT quiet OR agent_publishes_events();
BEGIN
  UPDATE worker
  SET lease_expires_at = now() + agent_lease(lease_s)
  WHERE
    id = given_worker
    AND meta ->> 'instance' = given_instance
    AND agent_may(owner, me)
    AND COALESCE(lease_expires_at, '-infinity') < now() + agent_lease(lease_s) / 2;
  -- Whoever removes a worker that holds nothing waits until these claims are seen. Nobody locks a worker of others.
  PERFORM FROM worker
  WHERE id = given_worker AND meta ->> 'instance' = given_instance AND agent_may(owner, me)
  FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH
    offered AS MATERIALIZED (
      SELECT o.execution, o.attempt, o."tokenHash" AS token_hash
      FROM json_to_recordset(offers) AS o (execution BIGINT, attempt INTEGER, "tokenHash" TEXT)
      ORDER BY o.execution
    ),
    taken AS (
      UPDATE execution AS e
      SET
        status = 'running',
        started_at = COALESCE(e.started_at, now()),
        claimed_at = now(),
        instance = given_instance,
        token_hash = CASE
          WHEN o.token_hash IS NOT NULL
          AND EXISTS (SELECT FROM action AS a WHERE a.id = e.action AND a.api_scopes != '{}') THEN o.token_hash
        END,
        updated = now()
      FROM offered AS o
      WHERE
        e.id = o.execution
        AND e.id = ANY(ARRAY(SELECT execution FROM offered))
        AND e.worker = given_worker
        AND COALESCE(e.attempt, 0) = COALESCE(o.attempt, e.attempt, 0)
        AND (e.status = waits OR e.status = runs AND e.instance = given_instance)
      RETURNING
        e.*,
        /* As this statement has found it. */
        CASE
          WHEN says THEN (SELECT x.status FROM execution AS x WHERE x.id = e.id)
        END AS previous
    ),
    enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM
        taken AS t,
        LATERAL agent_messages(t.id, t.action, t.action_ref, t.previous, 'running', NULL) AS m
      WHERE says
      RETURNING id, message_id, exchange, routing_key, message
    ),
    -- What is the same for all executions of an action is read once. Code that came with its request has none.
    described AS MATERIALIZED (
      SELECT
        t.action,
        a.max_retries,
        jsonb_build_object(
          'pack_ref', a.pack_ref,
          'entrypoint', a.entrypoint,
          'runtime', r.name,
          'out_schema', a.out_schema,
          'param_schema', a.param_schema,
          'pack_version', p.version,
          'pack_checksum', p.checksum,
          'api_scopes', a.api_scopes,
          'runtime_config', CASE
            WHEN r.installation ->> 'managed_by' IS DISTINCT FROM 'attune-agent'
            AND (r.execution_config != '{}' OR versions.described != '[]') THEN jsonb_build_object(
              'execution_config', r.execution_config,
              'versions', versions.described
            )
          END,
          'runtime_version_constraint', a.runtime_version_constraint,
          'parameter_delivery', a.parameter_delivery,
          'parameter_format', a.parameter_format,
          'output_format', a.output_format,
          'action_timeout_seconds', a.timeout_seconds
        ) AS about,
        (
          SELECT
            COALESCE(
              jsonb_agg(
              jsonb_build_object(
                'ref', k.ref,
                'owner_type', k.owner_type,
                'name', k.name,
                'encrypted', k.encrypted,
                'encryption_key_hash', k.encryption_key_hash,
                'value', k.value
              )
            ), '[]')
          FROM
            (
              SELECT * FROM key WHERE owner_type = 'action' AND owner_action_ref = a.ref
              UNION ALL
              SELECT * FROM key WHERE owner_type = 'pack' AND owner_pack_ref = a.pack_ref
              UNION ALL
              SELECT key.*
              FROM
                jsonb_each(
                  CASE jsonb_typeof(COALESCE(a.param_schema -> 'properties', a.param_schema))
                    WHEN 'object' THEN COALESCE(a.param_schema -> 'properties', a.param_schema)
                  END
                ) AS s
                JOIN key ON key.owner_type = 'system' AND key.name = s.key
              WHERE s.value -> 'secret' = 'true'
            ) AS k
        ) AS keys
      FROM
        (SELECT DISTINCT action FROM taken) AS t
        LEFT JOIN action AS a ON a.id = t.action
        LEFT JOIN runtime AS r ON r.id = a.runtime
        LEFT JOIN pack AS p ON p.id = a.pack
        CROSS JOIN LATERAL (
          SELECT
            COALESCE(
              jsonb_agg(jsonb_build_object('version', v.version, 'execution_config', v.execution_config) ORDER BY v.id),
              '[]'
            ) AS described
          FROM runtime_version AS v
          WHERE v.runtime = r.id AND v.execution_config != '{}'
        ) AS versions
    )
  SELECT
    d.about || jsonb_build_object(
      'id', t.id,
      'attempt', COALESCE(t.attempt, 0),
      'action_ref', t.action_ref,
      'config', t.config,
      'env_vars', t.env_vars,
      'timeout_seconds', t.timeout_seconds,
      'retry_count', t.retry_count,
      'max_retries', COALESCE(t.max_retries, d.max_retries),
      'inline_runtime', t.inline_runtime,
      'inline_code', t.inline_code,
      'inline_options', t.inline_options,
      'keys', d.keys || CASE
        -- An agent that is older than encrypted parameters cannot decrypt this key, and does not run masks for secrets.
        WHEN t.encrypted_config IS NULL THEN '[]'
        ELSE jsonb_build_array(
          jsonb_build_object(
            'ref', 'of the secret parameters of execution ' || t.id,
            'owner_type', 'execution',
            'name', '',
            'encrypted', TRUE,
            'encryption_key_hash', t.encrypted_config -> 'hash',
            'value', t.encrypted_config -> 'value'
          )
        ) || (
          -- Neither can an agent that is older than these references: it does not run an action without its secret.
          SELECT
            COALESCE(
              jsonb_agg(
              jsonb_build_object(
                'ref', n.value,
                'owner_type', 'parameter',
                'name', n.key,
                'encrypted', TRUE,
                'encryption_key_hash', k.encryption_key_hash,
                'value', k.value,
                'referenced', CASE
                  WHEN k.id IS NOT NULL THEN jsonb_build_object(
                    'ref', k.ref,
                    'owner_type', k.owner_type,
                    'owner', COALESCE(k.owner, k.owner_pack_ref, k.owner_action_ref),
                    'name', k.name,
                    'encrypted', k.encrypted,
                    'encryption_key_hash', k.encryption_key_hash,
                    'value', k.value
                  )
                END
              )
            ), '[]')
          FROM
            jsonb_each_text(t.encrypted_config -> 'keys') AS n
            LEFT JOIN key AS k ON k.ref = n.value
        )
      END,
      'request_id', t.request_id,
      'traceparent', t.traceparent,
      'queued_ms', GREATEST(0, round(extract(EPOCH FROM now() - t.schedule_after) * 1000))
    ),
    CASE
      WHEN enqueued.id IS NOT NULL THEN to_jsonb(enqueued)
    END
  FROM
    taken AS t
    JOIN described AS d ON d.action IS NOT DISTINCT FROM t.action
    LEFT JOIN enqueued ON (enqueued.message -> 'payload' ->> 'execution_id')::BIGINT = t.id
  ORDER BY t.id;
END
$$;
