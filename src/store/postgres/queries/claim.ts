import type { Cipher } from '#domain/cipher.ts';
import type { Claims, Offer } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type ClaimedRow, readClaimed } from '#store/claimed-row.ts';
import { type OutboxRow, readOutbox } from '#store/outbox-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

interface ClaimOptions {
  readonly offers: readonly Offer[];
  readonly leaseMs: number;
  readonly cipher: Cipher | undefined;
}

interface Row extends ClaimedRow {
  readonly outbox: OutboxRow;
}

/**
 * Compare-and-set on execution, attempt, worker and status. What this process has claimed already is returned again: the
 * answer may have been lost. Rows are locked in the order of their ids, so that batches cannot deadlock.
 */
export async function claim(
  sql: Sql,
  { worker, instance }: WorkerSession,
  { offers, leaseMs, cipher }: ClaimOptions,
): Promise<Claims> {
  const rows = await sql<Row[]>`
    WITH wanted AS (
      SELECT e.id, e.status FROM execution e
      JOIN json_to_recordset(${JSON.stringify(offers)}::text::json) AS o(execution BIGINT, attempt INTEGER) ON o.execution = e.id
      WHERE e.worker = ${worker} AND COALESCE(e.attempt, 0) = COALESCE(o.attempt, e.attempt, 0)
        AND (e.status = 'scheduled' OR EXISTS (
          SELECT FROM execution_claim c WHERE c.execution = e.id AND c.attempt = COALESCE(e.attempt, 0) AND c.instance = ${instance}))
        AND EXISTS (SELECT FROM worker w WHERE w.id = ${worker} AND w.meta->>'instance' = ${instance})
      ORDER BY e.id FOR UPDATE OF e
    ), taken AS (
      UPDATE execution e SET status = 'running', started_at = COALESCE(e.started_at, now()), updated = now()
      FROM wanted WHERE e.id = wanted.id AND (e.status = 'scheduled' OR e.status = 'running')
      RETURNING e.*, wanted.status AS previous
    ), claims AS (
      INSERT INTO execution_claim (execution, attempt, worker, instance, lease_expires_at)
      SELECT id, COALESCE(attempt, 0), worker, ${instance}, now() + make_interval(secs => ${leaseMs / 1000}) FROM taken
      ON CONFLICT (execution) DO UPDATE SET attempt = EXCLUDED.attempt, worker = EXCLUDED.worker,
        instance = EXCLUDED.instance, claimed_at = now(), lease_expires_at = EXCLUDED.lease_expires_at
    ), told AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM taken t, LATERAL agent_messages(t.id, t.action, t.action_ref, t.previous, 'running', NULL) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT t.id, COALESCE(t.attempt, 0) AS attempt, t.action_ref, t.config, t.env_vars, t.timeout_seconds, t.retry_count,
      COALESCE(t.max_retries, a.max_retries) AS max_retries, a.pack_ref, a.entrypoint, r.name AS runtime,
      t.inline_runtime, t.inline_code, t.inline_options, a.out_schema, a.param_schema, p.version AS pack_version, p.checksum AS pack_checksum,
      CASE WHEN r.installation->>'managed_by' = 'attune-agent' THEN NULL ELSE jsonb_build_object('execution_config', r.execution_config,
        'versions', (SELECT jsonb_agg(jsonb_build_object('version', v.version, 'execution_config', v.execution_config) ORDER BY v.id)
          FROM runtime_version v WHERE v.runtime = r.id AND v.execution_config <> '{}')) END AS runtime_config,
      (SELECT jsonb_agg(jsonb_build_object('ref', k.ref, 'owner_type', k.owner_type, 'name', k.name, 'encrypted', k.encrypted,
        'encryption_key_hash', k.encryption_key_hash, 'value', k.value)) FROM key k
        WHERE k.owner_type = 'action' AND k.owner_action_ref = a.ref OR k.owner_type = 'pack' AND k.owner_pack_ref = a.pack_ref
          OR k.owner_type = 'system' AND k.name IN (
            SELECT p.key FROM jsonb_each(CASE jsonb_typeof(COALESCE(a.param_schema->'properties', a.param_schema)) WHEN 'object'
              THEN COALESCE(a.param_schema->'properties', a.param_schema) END) p WHERE p.value->>'secret' = 'true')) AS keys,
      a.runtime_version_constraint, a.parameter_delivery, a.parameter_format, a.output_format,
      a.timeout_seconds AS action_timeout_seconds, to_jsonb(told) AS outbox
    FROM taken t
    JOIN told ON (told.message->'payload'->>'execution_id')::bigint = t.id
    LEFT JOIN action a ON a.id = t.action LEFT JOIN runtime r ON r.id = a.runtime LEFT JOIN pack p ON p.id = a.pack
    ORDER BY t.id`;
  return { claimed: rows.map((row) => readClaimed(row, cipher)), messages: rows.map((row) => readOutbox(row.outbox)) };
}
