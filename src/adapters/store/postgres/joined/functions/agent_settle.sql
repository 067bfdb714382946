-- Ends or hands back claimed executions by compare-and-set on the claim, in one transaction with the messages about
-- them and with the artifacts that they have left. Attune's executor counts retries and decides about them.
CREATE OR REPLACE FUNCTION agent_settle(
  given_owner TEXT,
  settlements JSON,
  secrets JSON,
  files JSON,
  quiet BOOLEAN DEFAULT FALSE
)
RETURNS TABLE (accepted BIGINT, outbox JSONB)
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
  settled_ids BIGINT[] := '{}';
BEGIN
  FOR accepted, outbox IN
    WITH
      given AS MATERIALIZED (
        SELECT *
        FROM
          json_to_recordset(settlements) AS g (
            execution BIGINT,
            attempt INTEGER,
            worker BIGINT,
            instance TEXT,
            status TEXT,
            result JSONB
          )
      ),
      held AS (
        SELECT
          e.id,
          e.status::text AS previous,
          CASE
            WHEN e.status = 'canceling'
            AND g.status = 'requested' THEN 'cancelled'
            ELSE g.status
          END AS next,
          CASE
            /* Far more than a worker keeps of the output of a program. */
            WHEN pg_column_size(g.result) > 33554432 THEN '{"succeeded": false, "error": "its worker has reported a result of more than 32 MiB"}'
            ELSE g.result
          END AS result,
          g.attempt
        FROM
          given AS g
          JOIN execution AS e ON e.id = g.execution
          JOIN agent_execution_claim AS c
            ON c.execution = g.execution AND c.attempt = g.attempt AND c.worker = g.worker AND c.instance = g.instance
          JOIN agent_worker AS w ON w.worker = c.worker AND agent_may(w.owner, me)
        WHERE
          e.id = ANY(ARRAY(SELECT execution FROM given))
          AND e.status IN ('running', 'canceling')
          AND g.status IN ('requested', 'completed', 'failed', 'cancelled', 'timeout', 'abandoned')
        ORDER BY e.id
        FOR UPDATE OF e, c
      ),
      freed AS (DELETE FROM agent_execution_claim AS c USING held WHERE c.execution = held.id),
      settled AS (
        UPDATE execution AS e
        SET
          status = held.next::execution_status_enum,
          updated = now(),
          result = CASE
            WHEN held.next != 'requested' THEN held.result
          END,
          worker = CASE
            WHEN held.next != 'requested' THEN e.worker
          END,
          started_at = CASE
            WHEN held.next != 'requested' THEN e.started_at
          END
        FROM held
        WHERE e.id = held.id
        RETURNING e.id, held.attempt, e.action, e.action_ref, held.previous, held.next, e.result
      ),
      kept AS (
        INSERT INTO execution_secret_value (
          entity_type,
          entity_id,
          json_path,
          source_kind,
          source_ref,
          encrypted_value,
          encryption_key_hash
        )
        SELECT
          'execution_result',
          id,
          path,
          'parameter_schema',
          substr(path, length('/data') + 1),
          to_jsonb(value),
          hash
        FROM
          (
            SELECT DISTINCT ON (s.id, k.path)
              s.id,
              k.path,
              k.hash,
              k.value,
              sum(octet_length(k.value)) OVER (PARTITION BY s.id ORDER BY k.path) AS bytes
            FROM
              settled AS s
              JOIN json_to_recordset(secrets) AS k (execution BIGINT, attempt INTEGER, path TEXT, hash TEXT, value TEXT)
                ON k.execution = s.id
                AND k.attempt = s.attempt
                AND octet_length(k.path) <= 4000
                AND octet_length(k.hash) <= 1000
          ) AS k
        WHERE bytes <= 33554432
        LIMIT 10000
        ON CONFLICT (entity_type, entity_id, json_path) DO UPDATE
          SET
            encryption_key_hash = EXCLUDED.encryption_key_hash,
            encrypted_value = EXCLUDED.encrypted_value
      ),
      enqueued AS (
        INSERT INTO agent_outbox (exchange, routing_key, message)
        SELECT 'attune.executions', m.routing_key, m.message
        FROM
          settled AS s,
          LATERAL agent_messages(s.id, s.action, s.action_ref, s.previous, s.next, s.result) AS m
        RETURNING id, message_id, exchange, routing_key, message
      )
    SELECT id, NULL::jsonb
    FROM settled
    UNION ALL
    SELECT NULL, to_jsonb(enqueued) FROM enqueued
  LOOP
    IF accepted IS NOT NULL THEN
      settled_ids := settled_ids || accepted;
    END IF;
    RETURN NEXT;
  END LOOP;
  IF files IS NOT NULL THEN
    BEGIN
      /* Artifacts of an action are shared by all who run it: whoever holds one keeps no result from being stored. */
      PERFORM agent_save_artifacts(settled_ids, files);
    EXCEPTION
      WHEN lock_not_available THEN
        UPDATE execution
        SET
          result = agent_without_files(result)
        WHERE id = ANY (settled_ids) AND jsonb_typeof(result -> 'artifacts') = 'array';
    END;
  END IF;
END
$$;
