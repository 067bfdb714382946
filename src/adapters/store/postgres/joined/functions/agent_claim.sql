-- Starts executions by compare-and-set on execution, attempt, worker and status. What this process has claimed before
-- is returned again, because the answer may have been lost. Rows are locked in the order of their ids, so that batches
-- of several workers cannot deadlock. Attune's Rust control plane counts no attempts: an attempt is a claim here.
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
AS $$
#variable_conflict use_column
DECLARE
  me TEXT := agent_owner(given_owner);
BEGIN
  RETURN QUERY
  WITH
    offered AS MATERIALIZED (
      SELECT * FROM json_to_recordset(offers) AS o (execution BIGINT, attempt INTEGER)
    ),
    wanted AS (
      SELECT e.id, e.status::text AS previous, o.attempt AS wanted_attempt
      FROM
        offered AS o
        JOIN execution AS e ON e.id = o.execution
      WHERE
        e.id = ANY(ARRAY(SELECT execution FROM offered))
        AND e.worker = given_worker
        AND (
          e.status = 'scheduled'
          OR e.status = 'running'
          AND EXISTS (
            SELECT
            FROM agent_execution_claim AS c
            WHERE c.execution = e.id AND c.worker = e.worker AND c.instance = given_instance
          )
        )
        AND EXISTS (
          SELECT
          FROM agent_worker AS w
          WHERE w.worker = given_worker AND w.instance = given_instance AND agent_may(w.owner, me)
        )
      ORDER BY e.id
      FOR UPDATE OF e
    ),
    numbered AS (
      SELECT DISTINCT ON (w.id) w.id, w.previous, l.last + (w.previous = 'scheduled')::INTEGER AS attempt
      FROM
        wanted AS w
        CROSS JOIN LATERAL (
          SELECT COALESCE(max(t.attempt), 0) AS last FROM agent_execution_attempt AS t WHERE t.execution = w.id
        ) AS l
      WHERE COALESCE(w.wanted_attempt, l.last + (w.previous = 'scheduled')::INTEGER)
        = l.last + (w.previous = 'scheduled')::INTEGER
      ORDER BY w.id
    ),
    taken AS (
      UPDATE execution AS e
      SET
        status = 'running',
        started_at = CASE
          WHEN numbered.previous = 'scheduled' THEN now()
          ELSE e.started_at
        END,
        updated = now()
      FROM numbered
      WHERE e.id = numbered.id
      RETURNING e.*, numbered.previous, numbered.attempt
    ),
    claims AS (
      INSERT INTO agent_execution_claim (execution, attempt, worker, instance, lease_expires_at)
      SELECT id, attempt, worker, given_instance, now() + agent_lease(lease_s) FROM taken
      ON CONFLICT (execution) DO UPDATE
        SET
          attempt = EXCLUDED.attempt,
          worker = EXCLUDED.worker,
          instance = EXCLUDED.instance,
          claimed_at = now(),
          lease_expires_at = EXCLUDED.lease_expires_at
    ),
    attempts AS (
      INSERT INTO agent_execution_attempt (execution, attempt, worker)
      SELECT id, attempt, worker FROM taken
      ON CONFLICT (execution, attempt) DO UPDATE SET worker = EXCLUDED.worker
    ),
    enqueued AS (
      INSERT INTO agent_outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM
        taken AS t,
        LATERAL agent_messages(t.id, t.action, t.action_ref, t.previous, 'running', NULL) AS m
      RETURNING id, message_id, exchange, routing_key, message
    )
  SELECT
    jsonb_build_object(
      'id', t.id,
      'attempt', t.attempt,
      'action_ref', t.action_ref,
      'config', t.config,
      'env_vars', t.env_vars,
      'timeout_seconds', CASE
        WHEN jsonb_typeof(t.workflow_task -> 'timeout_seconds') = 'number'
        AND (t.workflow_task ->> 'timeout_seconds')::NUMERIC >= 1 THEN floor(
          (t.workflow_task ->> 'timeout_seconds')::NUMERIC
        )
      END,
      'retry_count', t.retry_count,
      /* Attune's executor retries by itself; what is handed back may come again without limit. */
      'max_retries', NULL,
      'pack_ref', a.pack_ref,
      'entrypoint', a.entrypoint,
      'runtime', r.name,
      'inline_runtime', NULL,
      'inline_code', NULL,
      'inline_options', NULL,
      'out_schema', a.out_schema,
      'param_schema', a.param_schema,
      'pack_version', p.version,
      'pack_checksum', NULL,
      'api_scopes', NULL,
      'runtime_config', CASE
        WHEN r.execution_config != '{}' OR versions.described != '[]' THEN jsonb_build_object(
          'execution_config', r.execution_config,
          'versions', versions.described
        )
      END,
      'keys', (
        SELECT
          jsonb_agg(
            jsonb_build_object(
              'ref', k.ref,
              'owner_type', k.owner_type,
              'name', k.name,
              'encrypted', k.encrypted,
              'encryption_key_hash', k.encryption_key_hash,
              'value', k.value
            )
          )
        FROM key AS k
        WHERE k.owner_type = 'system' OR k.owner_pack = a.pack OR k.owner_action = a.id
      )
    ) || jsonb_build_object(
      'runtime_version_constraint', a.runtime_version_constraint,
      'parameter_delivery', a.parameter_delivery,
      'parameter_format', a.parameter_format,
      'output_format', a.output_format,
      'action_timeout_seconds', a.timeout_seconds,
      'joined', jsonb_build_object(
        'rule_ref', f.rule_ref,
        'trigger_ref', f.trigger_ref,
        'executor', t.executor,
        'permission_set_refs', t.permission_set_refs,
        'workflow_ref', CASE
          WHEN t.workflow_task IS NOT NULL THEN (SELECT o.action_ref FROM execution AS o WHERE o.id = t.parent)
        END,
        'is_adhoc', COALESCE(a.is_adhoc, FALSE),
        'runtime_names', CASE
          WHEN r.id IS NOT NULL THEN array_prepend(split_part(r.ref, '.', 2), r.aliases)
        END,
        'secrets', (
          SELECT
            jsonb_agg(
              jsonb_build_object(
                'json_path', s.json_path,
                'encryption_key_hash', s.encryption_key_hash,
                'encrypted_value', s.encrypted_value
              )
              ORDER BY s.id
            )
          FROM execution_secret_value AS s
          WHERE s.entity_type = 'execution_config' AND s.entity_id = t.id
        )
      )
    ),
    to_jsonb(enqueued)
  FROM
    taken AS t
    JOIN enqueued ON (enqueued.message -> 'payload' ->> 'execution_id')::BIGINT = t.id
    LEFT JOIN action AS a ON a.id = t.action
    LEFT JOIN runtime AS r ON r.id = a.runtime
    LEFT JOIN pack AS p ON p.id = a.pack
    LEFT JOIN enforcement AS f ON f.id = t.enforcement
    CROSS JOIN LATERAL (
      SELECT
        COALESCE(
          jsonb_agg(jsonb_build_object('version', v.version, 'execution_config', v.execution_config) ORDER BY v.id),
          '[]'
        ) AS described
      FROM runtime_version AS v
      WHERE v.runtime = r.id AND v.execution_config != '{}'
    ) AS versions
  ORDER BY t.id;
END
$$;
