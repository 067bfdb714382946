import { requestedHint } from '#adapters/store/hints.ts';
import { storableJson } from '#adapters/store/json.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Connected } from '#adapters/store/postgres/connect.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';

/** Requests executions in one statement; ids are drawn in their order, so that each request knows its own. */
export async function request(
  { sql }: Connected,
  requests: readonly ExecutionRequest[],
): Promise<Messages & { readonly executions: readonly (ExecutionId | undefined)[] }> {
  const rows = await sql<{ n: number; id: string; outbox: OutboxRow | null }[]>`
    WITH given AS (
      SELECT g.*, a.id AS action, COALESCE(g.priority, a.priority, 0) AS rank,
        nextval((SELECT agent_execution_ids())) AS id
      FROM json_to_recordset(${storableJson(requests.map((one, n) => ({ n, ...one })))}::text::json)
        AS g(n INTEGER, "actionRef" TEXT, parameters JSONB, "envVars" JSONB, "timeoutSeconds" INTEGER,
          "maxRetries" INTEGER, priority SMALLINT, selector JSONB, inline JSONB, original BIGINT, "requestedBy" TEXT)
      LEFT JOIN action a ON a.ref = g."actionRef" AND g.inline IS NULL
      WHERE a.id IS NOT NULL OR g.inline IS NOT NULL ORDER BY n
    ), requested AS (
      INSERT INTO execution (id, action, action_ref, config, env_vars, timeout_seconds, max_retries, priority,
        worker_selector, inline_runtime, inline_code, inline_options, original_execution, requested_by)
      SELECT id, action, "actionRef", parameters, "envVars", "timeoutSeconds", "maxRetries", rank,
        selector, inline->>'runtime', inline->>'code', inline->'options', original, "requestedBy" FROM given ORDER BY n
      RETURNING id, action, action_ref, config
    ), enqueued AS (
      INSERT INTO outbox (exchange, routing_key, message)
      SELECT 'attune.executions', 'execution.requested',
        jsonb_build_object('message_type', 'ExecutionRequested', 'payload', jsonb_build_object('execution_id', id,
          'action_id', action, 'action_ref', action_ref, 'parent_id', NULL, 'enforcement_id', NULL, 'config', config))
      FROM requested WHERE agent_publishes_events()
      RETURNING id, message_id, exchange, routing_key, message
    )
    SELECT given.n, given.id, CASE WHEN enqueued.id IS NOT NULL THEN to_jsonb(enqueued) END AS outbox
    FROM given JOIN requested ON requested.id = given.id
    LEFT JOIN enqueued ON (enqueued.message->'payload'->>'execution_id')::bigint = given.id ORDER BY given.n`;
  const ids = new Map(rows.map((row) => [row.n, executionId(row.id)]));
  const messages = rows.flatMap(({ outbox }) => (outbox === null ? [] : [readOutbox(outbox)]));
  return {
    executions: requests.map((_, n) => ids.get(n)),
    messages: messages.length > 0 ? messages : requestedHint([...ids.values()]),
  };
}
