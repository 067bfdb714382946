import { requestedHint } from '#adapters/store/hints.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { encryptParameters } from '#adapters/store/secret-parameters.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';
import { storableJson } from '#formats/storable.ts';

/** What requests need of the connection. */
type Requesting = Connected & Pick<Caller, 'ciphers'>;

/** Requests executions in one statement; ids are drawn in their order, so that each request knows its own. */
export async function request(
  caller: Requesting,
  requests: readonly ExecutionRequest[],
): Promise<Messages & { readonly executions: readonly (ExecutionId | undefined)[] }> {
  const { sql } = caller;
  const rows = await sql<{ n: number; id: string; outbox: OutboxRow | null }[]>`
    WITH given AS (
      SELECT g.*, a.id AS action, COALESCE(g.priority, a.priority, 0) AS rank,
        COALESCE(g.drawn, nextval((SELECT agent_execution_ids()))) AS id
      FROM json_to_recordset(${storableJson(await rowsOf(caller, requests))}::text::json)
        AS g(n INTEGER, "actionRef" TEXT, parameters JSONB, "envVars" JSONB, "timeoutSeconds" INTEGER,
          "maxRetries" INTEGER, priority SMALLINT, selector JSONB, inline JSONB, original BIGINT, "requestedBy" TEXT,
          drawn BIGINT, encrypted JSONB, origin JSONB, "callbackUrl" TEXT)
      LEFT JOIN action a ON a.ref = g."actionRef" AND g.inline IS NULL
      WHERE a.id IS NOT NULL OR g.inline IS NOT NULL ORDER BY n
    ), requested AS (
      INSERT INTO execution (id, action, action_ref, config, env_vars, timeout_seconds, max_retries, priority,
        worker_selector, inline_runtime, inline_code, inline_options, original_execution, requested_by,
        encrypted_config, request_id, traceparent, callback_url)
      SELECT id, action, "actionRef", parameters, "envVars", "timeoutSeconds", "maxRetries", rank,
        selector, inline->>'runtime', inline->>'code', inline->'options', original, "requestedBy",
        encrypted, origin->>'requestId', origin->>'traceparent', "callbackUrl" FROM given ORDER BY n
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

/** The rows of requests. One with secrets knows its id already, since what is encrypted is bound to it. */
async function rowsOf(caller: Requesting, requests: readonly ExecutionRequest[]): Promise<readonly object[]> {
  const secret = requests.filter((one) => one.unmasked !== undefined);
  if (secret.length === 0) return requests.map((one, n) => ({ n, ...one }));
  const cipher = await ownCipher(caller);
  const drawn = await caller.sql<{ id: string }[]>`
    SELECT nextval((SELECT agent_execution_ids())) AS id FROM generate_series(1, ${secret.length}::int)`;
  const ids = new Map(secret.map((one, n) => [one, executionId(drawn[n]?.id ?? '')]));
  return requests.map((one, n) => {
    const { unmasked: _, parameterKeys: __, ...stored } = one;
    const id = ids.get(one);
    return id === undefined
      ? { n, ...stored }
      : { n, ...stored, drawn: id, encrypted: encryptParameters(one, id, cipher) };
  });
}
