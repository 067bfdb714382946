-- Ends or hands back claimed executions by compare-and-set on the claim, in one transaction with the messages about
-- them, where somebody listens, and with the artifacts that they have left. Agents up to 0.1.0 are not quiet: by these
-- messages alone they wake the scheduler.
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
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  /* A variable: plans with literals would read all that its worker runs, by the index of these statuses. */
  held_statuses CONSTANT TEXT[] := ARRAY['running', 'canceling'];
  /* Far more than a worker keeps of the output of a program. */
  most_of_result CONSTANT INTEGER := 33554432;
  me TEXT := agent_owner(given_owner);
  is_busy BOOLEAN := FALSE;
  ended BIGINT;
  says BOOLEAN := NOT quiet OR agent_publishes_events();
BEGIN
  /* Most ends have nothing to be written but their row, and a statement that does only that takes half as long. */
  IF NOT says AND files IS NULL AND json_array_length(secrets) = 0 THEN
    RETURN QUERY
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
        ORDER BY execution
      )
    UPDATE execution AS e
    SET
      status = g.status,
      updated = now(),
      instance = NULL,
      token_hash = NULL,
      result = g.result
    FROM
      given AS g
      JOIN worker AS w ON w.id = g.worker AND agent_may(w.owner, me)
    WHERE
      e.id = g.execution
      AND e.id = ANY(ARRAY(SELECT execution FROM given))
      AND COALESCE(e.attempt, 0) = g.attempt
      AND e.worker = g.worker
      AND e.instance = g.instance
      AND e.status = ANY(held_statuses)
      AND g.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned')
      AND COALESCE(pg_column_size(g.result), 0) <= most_of_result
    RETURNING e.id, NULL::jsonb;
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF ended = json_array_length(settlements) THEN
      RETURN;
    END IF;
  END IF;
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
            result JSONB,
            reason TEXT,
            delay_s FLOAT8,
            /* Agents up to 0.1.0 do not say so. */
            is_free BOOLEAN
          )
      ),
      held AS (
        SELECT
          e.id,
          e.status AS previous,
          e.worker,
          e.dispatched_at,
          e.claimed_at,
          g.attempt,
          CASE
            WHEN e.status = 'canceling'
            AND g.status = 'requested' THEN 'cancelled'
            ELSE g.status
          END AS next,
          CASE
            WHEN pg_column_size(g.result) > most_of_result THEN '{"succeeded": false, "error": "its worker has reported a result of more than 32 MiB"}'
            ELSE g.result
          END AS result,
          left(g.reason, 10000) AS reason,
          g.delay_s,
          COALESCE(g.is_free, FALSE) AS is_free
        FROM
          given AS g
          JOIN execution AS e
            ON e.id = g.execution
            AND COALESCE(e.attempt, 0) = g.attempt
            AND e.worker = g.worker
            AND e.instance = g.instance
          JOIN worker AS w ON w.id = e.worker AND agent_may(w.owner, me)
        WHERE
          e.id = ANY(ARRAY(SELECT execution FROM given))
          AND e.status = ANY(held_statuses)
          AND g.status IN ('requested', 'completed', 'failed', 'cancelled', 'timeout', 'abandoned')
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
      ),
      noted AS (
        INSERT INTO execution_attempt (
          execution,
          attempt,
          worker,
          claimed_at,
          dispatched_at,
          ended_at,
          reason,
          prepared_ms,
          ran_ms
        )
        SELECT DISTINCT ON (id)
          id,
          attempt,
          worker,
          COALESCE(claimed_at, now()),
          dispatched_at,
          now(),
          left(reason, 1000),
          /* A worker may report any number, and one that is no duration is no reason to keep the execution. */
          CASE
            WHEN jsonb_typeof(result -> 'prepared_ms') = 'number' THEN LEAST(
              GREATEST((result ->> 'prepared_ms')::NUMERIC, 0),
              1e15
            )
          END,
          CASE
            WHEN jsonb_typeof(result -> 'duration_ms') = 'number' THEN LEAST(
              GREATEST((result ->> 'duration_ms')::NUMERIC, 0),
              1e15
            )
          END
        FROM held
        WHERE next = 'requested'
        ORDER BY id
        ON CONFLICT (execution, attempt) DO UPDATE
          SET
            dispatched_at = EXCLUDED.dispatched_at,
            ended_at = EXCLUDED.ended_at,
            reason = EXCLUDED.reason,
            prepared_ms = EXCLUDED.prepared_ms,
            ran_ms = EXCLUDED.ran_ms
      ),
      settled AS (
        UPDATE execution AS e
        SET
          status = held.next,
          updated = now(),
          instance = NULL,
          token_hash = NULL,
          claimed_at = CASE
            WHEN held.next != 'requested' THEN e.claimed_at
          END,
          result = CASE
            WHEN held.next = 'requested' THEN NULL
            ELSE held.result
          END,
          worker = CASE
            WHEN held.next = 'requested' THEN NULL
            ELSE e.worker
          END,
          retry_count = e.retry_count + CASE
            WHEN held.next = 'requested'
            AND NOT held.is_free THEN 1
            ELSE 0
          END,
          retry_reason = CASE
            WHEN held.next = 'requested' THEN held.reason
            ELSE e.retry_reason
          END,
          schedule_after = CASE
            WHEN held.next = 'requested' THEN now() + agent_seconds(held.delay_s, 0, 3600)
            ELSE e.schedule_after
          END
        FROM held
        WHERE e.id = held.id
        RETURNING e.id, COALESCE(e.attempt, 0) AS attempt, e.action, e.action_ref, held.previous, e.status, e.result
      ),
      kept AS (
        INSERT INTO execution_secret_value (execution, path, encryption_key_hash, value)
        SELECT id, path, hash, to_jsonb(value)
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
              /* Agents up to 0.1.0 do not say of which attempt a secret is. */
              JOIN json_to_recordset(secrets) AS k (execution BIGINT, attempt INTEGER, path TEXT, hash TEXT, value TEXT)
                ON k.execution = s.id
                AND COALESCE(k.attempt, s.attempt) = s.attempt
                AND octet_length(k.path) <= 4000
                AND octet_length(k.hash) <= 1000
          ) AS k
        WHERE bytes <= most_of_result
        LIMIT 10000
        ON CONFLICT (execution, path) DO UPDATE
          SET
            encryption_key_hash = EXCLUDED.encryption_key_hash,
            value = EXCLUDED.value
      ),
      enqueued AS (
        INSERT INTO outbox (exchange, routing_key, message)
        SELECT 'attune.executions', m.routing_key, m.message
        FROM
          settled AS s,
          LATERAL agent_messages(s.id, s.action, s.action_ref, s.previous, s.status, s.result) AS m
        WHERE says
        RETURNING id, message_id, exchange, routing_key, message
      )
    SELECT id, NULL::jsonb
    FROM settled
    UNION ALL
    SELECT NULL, to_jsonb(enqueued) FROM enqueued
  LOOP
    IF accepted IS NOT NULL AND files IS NOT NULL THEN
      BEGIN
        /* Artifacts of an action are shared by all who run it: whoever holds one keeps no result from being stored. */
        PERFORM set_config('lock_timeout', CASE WHEN is_busy THEN '10ms' ELSE '2s' END, TRUE);
        PERFORM agent_save_artifacts(accepted, files);
      EXCEPTION
        WHEN lock_not_available THEN
          is_busy := TRUE;
          UPDATE execution
          SET
            result = agent_without_files(result)
          WHERE id = accepted AND jsonb_typeof(result) = 'object';
      END;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
