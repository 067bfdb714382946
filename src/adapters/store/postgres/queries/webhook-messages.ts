import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import {
  type DeliveryRow,
  type MessageRow,
  MOST_ENDED,
  readDelivery,
  readMessage,
  tooMany,
} from '#adapters/store/webhook-row.ts';
import type { Delivery, DeliveryEnd, DroppedMessages, MessageView } from '#domain/webhook.ts';
import type { DeliveryBounds } from '#domain/webhook-store.ts';

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
        FROM lanes
        WHERE webhook IS NOT NULL
          AND NOT EXISTS (SELECT FROM webhook AS w WHERE w.id = lanes.webhook AND w.paused_at IS NOT NULL)
        ORDER BY random()
      ) AS l CROSS JOIN LATERAL (
        SELECT id FROM webhook_delivery WHERE webhook = l.webhook AND next_at <= now()
        ORDER BY next_at LIMIT l.room FOR UPDATE SKIP LOCKED
      ) AS d
      LIMIT ${limit}
    ), taken AS (
      UPDATE webhook_delivery AS d SET tries = tries + 1, tried_at = now(),
        next_at = now() + ${leaseMs}::float8 * interval '1 ms'
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
  const answer = end.answer ?? null;
  return await sql.begin(async (transaction) => {
    const rows =
      end.kind === 'later'
        ? await transaction`
            UPDATE webhook_delivery SET next_at = now() + ${end.afterMs}::float8 * interval '1 ms',
              answer = ${answer}::int, problem = ${problem}::text
            WHERE id = ${id} AND tries = ${tries} RETURNING id`
        : await transaction`
            WITH gone AS (DELETE FROM webhook_delivery WHERE id = ${id} AND tries = ${tries} RETURNING *),
              kept AS (
                INSERT INTO dead_letter (queue, exchange, routing_key, reason, body)
                SELECT 'webhooks', '', 'webhook ' || webhook, ${problem},
                  convert_to(json_build_object('execution', execution, 'action_ref', action_ref, 'status', status,
                    'tries', tries, 'message', message_id)::text, 'UTF8')
                FROM gone WHERE ${problem}::text IS NOT NULL
              ), ended AS (
                INSERT INTO webhook_ended
                  (webhook, message_id, execution, action_ref, status, tries, is_delivered, answer, problem, created)
                SELECT webhook, message_id, execution, action_ref, status, tries, ${problem}::text IS NULL,
                  ${answer}::int, ${problem}::text, created
                FROM gone WHERE EXISTS (SELECT FROM webhook AS w WHERE w.id = gone.webhook)
              )
            SELECT id FROM gone`;
    if (rows.length === 0) return false;
    await transaction`
      UPDATE webhook SET problem = ${problem},
        delivered_at = CASE WHEN ${problem}::text IS NULL THEN now() ELSE delivered_at END
      WHERE id = ${webhook}`;
    /* Behind the row of the webhook, whose lock lets one transaction at a time do so. */
    if (end.kind !== 'later')
      await transaction`
        DELETE FROM webhook_ended WHERE webhook = ${webhook} AND id <= (
          SELECT id FROM webhook_ended WHERE webhook = ${webhook} ORDER BY id DESC OFFSET ${MOST_ENDED} LIMIT 1)`;
    return true;
  });
}

export async function listMessages({ sql }: Caller, id: string, most: number): Promise<readonly MessageView[]> {
  const rows = await sql<MessageRow[]>`
    (SELECT message_id, execution, action_ref, status, tries, NULL::boolean AS is_delivered, answer, problem, created,
      tried_at, next_at
    FROM webhook_delivery WHERE webhook = ${id} ORDER BY next_at LIMIT ${most})
    UNION ALL
    (SELECT message_id, execution, action_ref, status, tries, is_delivered, answer, problem, created, tried_at, NULL
    FROM webhook_ended WHERE webhook = ${id} ORDER BY id DESC LIMIT ${most})`;
  return rows.map(readMessage);
}

/** Looks at the first messages of each webhook in the index, as many as may wait: only beyond them is any sorted. */
export async function dropMessages(
  { sql }: Caller,
  { most, limit }: { readonly most: number; readonly limit: number },
): Promise<readonly DroppedMessages[]> {
  const reason = tooMany(most);
  return await sql<DroppedMessages[]>`
    WITH RECURSIVE lanes AS (
      SELECT min(webhook) AS webhook FROM webhook_delivery
      UNION ALL
      SELECT (SELECT min(d.webhook) FROM webhook_delivery AS d WHERE d.webhook > l.webhook)
      FROM lanes AS l WHERE l.webhook IS NOT NULL
    ), full_ones AS (
      SELECT webhook FROM lanes
      WHERE webhook IS NOT NULL
        AND EXISTS (SELECT FROM webhook_delivery AS d WHERE d.webhook = lanes.webhook OFFSET ${most} LIMIT 1)
    ), gone AS (
      DELETE FROM webhook_delivery WHERE id IN (
        SELECT old.id FROM full_ones CROSS JOIN LATERAL (
          SELECT d.id FROM webhook_delivery AS d WHERE d.webhook = full_ones.webhook AND d.id <= (
            SELECT n.id FROM webhook_delivery AS n WHERE n.webhook = full_ones.webhook
            ORDER BY n.id DESC OFFSET ${most} LIMIT 1)
          ORDER BY d.id LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ) AS old
      ) RETURNING webhook, execution
    ), counted AS (
      SELECT webhook, count(*)::int AS count, min(execution) AS first, max(execution) AS last FROM gone GROUP BY webhook
    ), kept AS (
      INSERT INTO dead_letter (queue, exchange, routing_key, reason, body)
      SELECT 'webhooks', '', 'webhook ' || webhook, ${reason}::text,
        convert_to(json_build_object('messages', count, 'first_execution', first, 'last_execution', last)::text, 'UTF8')
      FROM counted
    ), noted AS (
      UPDATE webhook AS w SET dropped = w.dropped + c.count FROM counted AS c WHERE w.id = c.webhook
    )
    SELECT webhook, count FROM counted`;
}
