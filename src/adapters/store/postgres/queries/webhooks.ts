import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import {
  type DeliveryRow,
  encryptSecret,
  MOST_COUNTED,
  readDelivery,
  readTarget,
  readWebhook,
  type WebhookRow,
} from '#adapters/store/webhook-row.ts';
import type { Delivery, DeliveryEnd, NewWebhook, WebhookTarget, WebhookView } from '#domain/webhook.ts';
import type { DeliveryBounds } from '#domain/webhook-store.ts';
import { storableJson } from '#formats/storable.ts';

export async function addWebhook(caller: Caller, one: NewWebhook, most: number): Promise<string | undefined> {
  const kept = encryptSecret(one.secret, { owner: null, url: one.url }, await ownCipher(caller));
  const [row] = await caller.sql<{ id: string }[]>`
    INSERT INTO webhook (url, statuses, action_ref, pack_ref, encryption_key_hash, secret)
    SELECT ${one.url}, ${storableJson(one.statuses)}::text::jsonb, ${one.actionRef ?? null}, ${one.packRef ?? null},
      ${kept.hash}, ${kept.value}
    WHERE (SELECT count(*) FROM webhook WHERE owner IS NULL) < ${most} RETURNING id`;
  return row?.id;
}

export async function listWebhooks(caller: Caller): Promise<readonly WebhookView[]> {
  return await readViews(caller, null);
}

export async function findWebhook(caller: Caller, id: string): Promise<WebhookView | undefined> {
  const [view] = await readViews(caller, id);
  return view;
}

async function readViews({ sql }: Caller, id: string | null): Promise<readonly WebhookView[]> {
  const rows = await sql<WebhookRow[]>`
    SELECT w.id, w.url, w.statuses, w.action_ref, w.pack_ref, w.delivered_at, w.problem, w.created,
      CASE WHEN w.owner IS NOT NULL THEN COALESCE(t.name, w.owner) END AS callbacks_of,
      (SELECT count(*)::int FROM (SELECT FROM webhook_delivery WHERE webhook = w.id LIMIT ${MOST_COUNTED}) AS d)
        AS waiting
    FROM webhook AS w LEFT JOIN api_token AS t ON t.id = w.owner::bigint
    WHERE ${id}::bigint IS NULL OR w.id = ${id}::bigint ORDER BY w.id`;
  return rows.map(readWebhook);
}

export async function deleteWebhook({ sql }: Caller, id: string): Promise<boolean> {
  const [row] = await sql`
    WITH gone AS (DELETE FROM webhook WHERE id = ${id} RETURNING id),
      dropped AS (DELETE FROM webhook_delivery USING gone WHERE webhook = gone.id)
    SELECT id FROM gone`;
  return row !== undefined;
}

export async function readWebhookTarget(
  caller: Caller,
  id: string,
): Promise<WebhookTarget | { readonly problem: string } | undefined> {
  const [row] = await caller.sql<Parameters<typeof readTarget>[0][]>`
    SELECT owner, url, encryption_key_hash, secret, NULL AS target FROM webhook WHERE id = ${id} AND owner IS NULL`;
  return row && readTarget(row, await ownCipher(caller));
}

export async function saveCallbackSecret(caller: Caller, token: string, secret: string): Promise<string> {
  const kept = encryptSecret(secret, { owner: token, url: null }, await ownCipher(caller));
  const [row] = await caller.sql<{ id: string }[]>`
    INSERT INTO webhook (owner, encryption_key_hash, secret) VALUES (${token}, ${kept.hash}, ${kept.value})
    ON CONFLICT (owner) DO UPDATE SET encryption_key_hash = EXCLUDED.encryption_key_hash, secret = EXCLUDED.secret
    RETURNING id`;
  return row?.id ?? '';
}

export async function hasCallbackSecret({ sql }: Caller, token: string): Promise<boolean> {
  const rows = await sql`SELECT FROM webhook WHERE owner = ${token}`;
  return rows.length > 0;
}

/** Hops from webhook to webhook in the index, so that one with many messages keeps no other one waiting. */
export async function takeDeliveries(
  caller: Caller,
  { limit, perWebhook, rooms, leaseMs }: DeliveryBounds,
): Promise<readonly Delivery[]> {
  const rows = await caller.sql<DeliveryRow[]>`
    WITH RECURSIVE lanes AS (
      SELECT min(webhook) AS webhook FROM webhook_delivery
      UNION ALL
      SELECT (SELECT min(d.webhook) FROM webhook_delivery AS d WHERE d.webhook > l.webhook)
      FROM lanes AS l WHERE l.webhook IS NOT NULL
    ), due AS (
      SELECT d.id FROM (
        SELECT webhook, COALESCE((${JSON.stringify(rooms)}::text::json ->> webhook::text)::int, ${perWebhook}) AS room
        FROM lanes WHERE webhook IS NOT NULL ORDER BY random()
      ) AS l CROSS JOIN LATERAL (
        SELECT id FROM webhook_delivery WHERE webhook = l.webhook AND next_at <= now()
        ORDER BY next_at LIMIT l.room FOR UPDATE SKIP LOCKED
      ) AS d
      LIMIT ${limit}
    ), taken AS (
      UPDATE webhook_delivery AS d SET tries = tries + 1, next_at = now() + ${leaseMs}::float8 * interval '1 ms'
      FROM due WHERE d.id = due.id RETURNING d.*
    )
    SELECT taken.id, message_id, webhook, taken.url AS delivery_url, execution, taken.action_ref, status, tries,
      taken.created, (extract(epoch FROM now() - taken.created) * 1000)::float8 AS age_ms,
      w.owner, w.url, w.encryption_key_hash, w.secret,
      w.owner IS NOT NULL AND (t.id IS NULL OR t.revoked_at IS NOT NULL OR t.expires_at <= now()) AS is_revoked
    FROM taken LEFT JOIN webhook AS w ON w.id = webhook LEFT JOIN api_token AS t ON t.id = w.owner::bigint
    ORDER BY taken.id`;
  if (rows.length === 0) return [];
  const cipher = await ownCipher(caller);
  return rows.map((row) => readDelivery(row, cipher));
}

/** A message that is given up becomes a dead letter in the same transaction. */
export async function endDelivery(
  { sql }: Caller,
  { id, tries, webhook }: Pick<Delivery, 'id' | 'tries' | 'webhook'>,
  end: DeliveryEnd,
): Promise<boolean> {
  const problem = end.kind === 'delivered' ? null : end.problem;
  return await sql.begin(async (transaction) => {
    const rows =
      end.kind === 'later'
        ? await transaction`
            UPDATE webhook_delivery SET next_at = now() + ${end.afterMs}::float8 * interval '1 ms'
            WHERE id = ${id} AND tries = ${tries} RETURNING id`
        : await transaction`
            WITH gone AS (DELETE FROM webhook_delivery WHERE id = ${id} AND tries = ${tries} RETURNING *),
              kept AS (
                INSERT INTO dead_letter (queue, exchange, routing_key, reason, body)
                SELECT 'webhooks', '', 'webhook ' || webhook, ${problem},
                  convert_to(json_build_object('execution', execution, 'action_ref', action_ref, 'status', status,
                    'tries', tries, 'message', message_id)::text, 'UTF8')
                FROM gone WHERE ${problem}::text IS NOT NULL
              )
            SELECT id FROM gone`;
    if (rows.length === 0) return false;
    await transaction`
      UPDATE webhook SET problem = ${problem},
        delivered_at = CASE WHEN ${problem}::text IS NULL THEN now() ELSE delivered_at END
      WHERE id = ${webhook}`;
    return true;
  });
}
