import type { Cipher } from '#domain/cipher.ts';
import { executionId } from '#domain/ids.ts';
import type { Settled, Settlement } from '#domain/store.ts';
import { storableJson } from '#store/json.ts';
import { type OutboxRow, readOutbox } from '#store/outbox-row.ts';
import type { AnySql, Sql } from '#store/postgres/connect.ts';
import { secretRowsOf } from '#store/secret-row.ts';
import { saveArtifacts } from './artifacts.ts';

interface Row {
  readonly accepted: string | null;
  readonly outbox: OutboxRow | null;
}

/** In one transaction with the artifacts of those that are accepted. */
export async function settle(
  sql: Sql,
  settlements: readonly Settlement[],
  cipher: Cipher | undefined,
): Promise<Settled> {
  if (settlements.every(({ artifacts = [] }) => artifacts.length === 0))
    return await settleAll(sql, settlements, cipher);
  return await sql.begin(async (transaction) => {
    const settled = await settleAll(transaction, settlements, cipher);
    for (const one of settlements)
      if (one.artifacts && settled.accepted.includes(one.execution))
        await saveArtifacts(transaction, one, one.artifacts);
    return settled;
  });
}

/** Compare-and-set on the claim, in one statement with the messages about it. */
async function settleAll(
  sql: AnySql,
  settlements: readonly Settlement[],
  cipher: Cipher | undefined,
): Promise<Settled> {
  const secrets = settlements.flatMap((one) => secretRowsOf(one, cipher));
  const rows = await sql<Row[]>`
    WITH given AS (
      SELECT * FROM json_to_recordset(${storableJson(settlements.map(rowOf))}::text::json)
        AS g(execution BIGINT, attempt INTEGER, worker BIGINT, instance TEXT, status TEXT, result JSONB, reason TEXT, delay_s FLOAT8)
    ), held AS (
      SELECT e.id, e.status AS previous,
        CASE WHEN e.status = 'canceling' AND g.status = 'requested' THEN 'cancelled' ELSE g.status END AS next, g.result, g.reason, g.delay_s
      FROM given g
      JOIN execution e ON e.id = g.execution
      JOIN execution_claim c ON c.execution = g.execution AND c.attempt = g.attempt AND c.worker = g.worker AND c.instance = g.instance
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
      FROM settled s JOIN json_to_recordset(${storableJson(secrets)}::text::json) AS k(execution BIGINT, path TEXT, hash TEXT, value TEXT)
        ON k.execution = s.id
      ON CONFLICT (execution, path) DO UPDATE SET encryption_key_hash = EXCLUDED.encryption_key_hash, value = EXCLUDED.value
    ), told AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', m.routing_key, m.message
      FROM settled s, LATERAL agent_messages(s.id, s.action, s.action_ref, s.previous, s.status, s.result) m
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT id AS accepted, NULL AS outbox FROM settled
    UNION ALL SELECT NULL, to_jsonb(told) FROM told`;
  return {
    accepted: rows.flatMap((row) => (row.accepted === null ? [] : [executionId(row.accepted)])),
    messages: rows.flatMap((row) => (row.outbox === null ? [] : [readOutbox(row.outbox)])),
  };
}

function rowOf({ execution, attempt, worker, instance, verdict }: Settlement) {
  const fence = { execution, attempt, worker, instance, result: verdict.result };
  return verdict.kind === 'final'
    ? { ...fence, status: verdict.status }
    : { ...fence, status: 'requested', reason: verdict.reason, delay_s: verdict.delayMs / 1000 };
}
