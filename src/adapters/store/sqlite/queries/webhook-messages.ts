import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
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

/** The webhooks for which something waits, in any order. */
function lanesOf(database: Sqlite['database']): readonly { readonly webhook: number; readonly is_paused: number }[] {
  return database
    .query<{ webhook: number; is_paused: number }, []>(`
      WITH RECURSIVE lanes AS (
        SELECT min(webhook) AS webhook FROM webhook_delivery
        UNION ALL
        SELECT (SELECT min(d.webhook) FROM webhook_delivery d WHERE d.webhook > l.webhook)
        FROM lanes l WHERE l.webhook IS NOT NULL)
      SELECT webhook, EXISTS (SELECT 1 FROM webhook w WHERE w.id = webhook AND w.paused_at IS NOT NULL) AS is_paused
      FROM lanes WHERE webhook IS NOT NULL ORDER BY random()`)
    .all();
}

export function takeDeliveries(
  { database, now, cipher }: Caller,
  { limit, perWebhook, rooms, leaseMs }: DeliveryBounds,
): readonly Delivery[] {
  const time = now();
  const take = database.query<{ id: number }, [number, number, number, number]>(`
    UPDATE webhook_delivery SET tries = tries + 1, tried_at = ?1, next_at = ?1 + ?2 WHERE id IN (
      SELECT id FROM webhook_delivery WHERE webhook = ?3 AND next_at <= ?1 ORDER BY next_at LIMIT ?4) RETURNING id`);
  const taken: number[] = [];
  for (const { webhook, is_paused: isPaused } of lanesOf(database)) {
    const most = isPaused ? 0 : Math.min(rooms[webhook] ?? perWebhook, limit - taken.length);
    if (most > 0) taken.push(...take.all(time, leaseMs, webhook, most).map((row) => row.id));
  }
  return taken.flatMap((id) => readTaken({ database, cipher }, id, time));
}

function readTaken({ database, cipher }: Pick<Caller, 'database' | 'cipher'>, id: number, now: number): Delivery[] {
  const row = database
    .query<DeliveryRow, [number, number]>(`
      SELECT d.id, message_id, webhook, d.url AS delivery_url, execution, d.action_ref, status, tries, d.created,
        ?2 - d.created AS age_ms, w.owner, w.url, w.encryption_key_hash, w.secret, w.owner IS NOT NULL
          AND (t.id IS NULL OR t.revoked_at IS NOT NULL OR COALESCE(t.expires_at <= ?2, 0)) AS is_revoked
      FROM webhook_delivery d LEFT JOIN webhook w ON w.id = webhook
      LEFT JOIN api_token t ON CAST(t.id AS TEXT) = w.owner
      WHERE d.id = ?1`)
    .get(id, now);
  return row ? [readDelivery(row, cipher)] : [];
}

/** A message that is given up becomes a dead letter in the same transaction. */
export function endDelivery(
  { database, now }: Sqlite,
  { id, tries, webhook }: Pick<Delivery, 'id' | 'tries' | 'webhook'>,
  end: DeliveryEnd,
): boolean {
  const problem = end.kind === 'delivered' ? null : end.problem;
  const answer = end.answer ?? null;
  const time = now();
  if (end.kind === 'later') {
    const later = database.query(`
      UPDATE webhook_delivery SET next_at = ?1, answer = ?2, problem = ?3 WHERE id = ?4 AND tries = ?5`);
    if (later.run(time + end.afterMs, answer, problem, id, tries).changes === 0) return false;
  } else {
    keepEnded(database, { id, tries, problem, answer, time });
    if (database.query('DELETE FROM webhook_delivery WHERE id = ? AND tries = ?').run(id, tries).changes === 0)
      return false;
    database
      .query(`
        DELETE FROM webhook_ended WHERE webhook = ?1 AND id <= (
          SELECT id FROM webhook_ended WHERE webhook = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`)
      .run(Number(webhook), MOST_ENDED);
  }
  database
    .query(`
      UPDATE webhook SET problem = ?1, delivered_at = CASE WHEN ?1 IS NULL THEN ?2 ELSE delivered_at END
      WHERE id = ?3`)
    .run(problem, time, webhook);
  return true;
}

interface EndedMessage extends Pick<Delivery, 'id' | 'tries'> {
  readonly problem: string | null;
  readonly answer: number | null;
  readonly time: number;
}

function keepEnded(database: Sqlite['database'], { id, tries, problem, answer, time }: EndedMessage): void {
  database
    .query(`
      INSERT INTO webhook_ended (webhook, message_id, execution, action_ref, status, tries, is_delivered, answer,
        problem, created, tried_at)
      SELECT webhook, message_id, execution, action_ref, status, tries, ?3 IS NULL, ?4, ?3, created, ?5
      FROM webhook_delivery d
      WHERE d.id = ?1 AND tries = ?2 AND EXISTS (SELECT 1 FROM webhook w WHERE w.id = d.webhook)`)
    .run(id, tries, problem, answer, time);
  if (problem === null) return;
  database
    .query(`
      INSERT INTO dead_letter (queue, exchange, routing_key, reason, body, created)
      SELECT 'webhooks', '', 'webhook ' || webhook, ?3, CAST(json_object('execution', execution,
        'action_ref', action_ref, 'status', status, 'tries', tries, 'message', message_id) AS BLOB), ?4
      FROM webhook_delivery WHERE id = ?1 AND tries = ?2`)
    .run(id, tries, problem, time);
}

export function listMessages({ database }: Sqlite, id: string, most: number): readonly MessageView[] {
  const columns = 'message_id, execution, action_ref, status, tries';
  return database
    .query<MessageRow, [string, number]>(`
      SELECT * FROM (
        SELECT ${columns}, NULL AS is_delivered, answer, problem, created, tried_at, next_at
        FROM webhook_delivery WHERE webhook = CAST(?1 AS INTEGER) ORDER BY next_at LIMIT ?2)
      UNION ALL SELECT * FROM (
        SELECT ${columns}, is_delivered, answer, problem, created, tried_at, NULL
        FROM webhook_ended WHERE webhook = CAST(?1 AS INTEGER) ORDER BY id DESC LIMIT ?2)`)
    .all(id, most)
    .map(readMessage);
}

export function dropMessages(
  { database, now }: Sqlite,
  { most, limit }: { readonly most: number; readonly limit: number },
): readonly DroppedMessages[] {
  const drop = database.query<{ execution: number }, [number, number, number]>(`
    DELETE FROM webhook_delivery WHERE id IN (
      SELECT id FROM webhook_delivery WHERE webhook = ?1 AND id <= (
        SELECT id FROM webhook_delivery WHERE webhook = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
      ORDER BY id LIMIT ?3) RETURNING execution`);
  return lanesOf(database).flatMap(({ webhook }) => {
    const gone = drop.all(webhook, most, limit).map((row) => row.execution);
    if (gone.length === 0) return [];
    const body = { messages: gone.length, first_execution: Math.min(...gone), last_execution: Math.max(...gone) };
    database
      .query(`
        INSERT INTO dead_letter (queue, exchange, routing_key, reason, body, created)
        VALUES ('webhooks', '', ?, ?, CAST(? AS BLOB), ?)`)
      .run(`webhook ${webhook}`, tooMany(most), JSON.stringify(body), now());
    database.query('UPDATE webhook SET dropped = dropped + ? WHERE id = ?').run(gone.length, webhook);
    return [{ webhook: String(webhook), count: gone.length }];
  });
}
