import { parsed } from '#adapters/store/json.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
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

type ViewRow = WebhookRow & { readonly statuses: string };

export function addWebhook({ database, now, cipher }: Caller, one: NewWebhook, most: number): string | undefined {
  const kept = encryptSecret(one.secret, { owner: null, url: one.url }, cipher);
  const row = database
    .query<{ id: number }, (string | number | null)[]>(`
      INSERT INTO webhook (url, statuses, action_ref, pack_ref, encryption_key_hash, secret, created)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE (SELECT count(*) FROM webhook WHERE owner IS NULL) < ?8 RETURNING id`)
    .get(
      ...[one.url, JSON.stringify(one.statuses), one.actionRef ?? null, one.packRef ?? null],
      ...[kept.hash, kept.value, now(), most],
    );
  return row ? String(row.id) : undefined;
}

export function listWebhooks(sqlite: Sqlite): readonly WebhookView[] {
  return readViews(sqlite, null);
}

export function findWebhook(sqlite: Sqlite, id: string): WebhookView | undefined {
  return readViews(sqlite, id)[0];
}

function readViews({ database }: Sqlite, id: string | null): readonly WebhookView[] {
  return database
    .query<ViewRow, [string | null, number]>(`
      SELECT w.id, w.url, w.statuses, w.action_ref, w.pack_ref, w.delivered_at, w.problem, w.created,
        CASE WHEN w.owner IS NOT NULL THEN COALESCE(t.name, w.owner) END AS callbacks_of,
        (SELECT count(*) FROM (SELECT 1 FROM webhook_delivery WHERE webhook = w.id LIMIT ?2)) AS waiting
      FROM webhook w LEFT JOIN api_token t ON CAST(t.id AS TEXT) = w.owner
      WHERE ?1 IS NULL OR w.id = CAST(?1 AS INTEGER) ORDER BY w.id`)
    .all(id, MOST_COUNTED)
    .map((row) => readWebhook({ ...row, statuses: parsed(row.statuses) }));
}

export function deleteWebhook({ database }: Sqlite, id: string): boolean {
  database.query('DELETE FROM webhook_delivery WHERE webhook = CAST(? AS INTEGER)').run(id);
  return database.query('DELETE FROM webhook WHERE id = ?').run(id).changes > 0;
}

export function readWebhookTarget(
  { database, cipher }: Caller,
  id: string,
): WebhookTarget | { readonly problem: string } | undefined {
  const row = database
    .query<Parameters<typeof readTarget>[0], [string]>(
      'SELECT owner, url, encryption_key_hash, secret, NULL AS target FROM webhook WHERE id = ? AND owner IS NULL',
    )
    .get(id);
  return row ? readTarget(row, cipher) : undefined;
}

export function saveCallbackSecret({ database, now, cipher }: Caller, token: string, secret: string): string {
  const kept = encryptSecret(secret, { owner: token, url: null }, cipher);
  const row = database
    .query<{ id: number }, (string | number)[]>(`
      INSERT INTO webhook (owner, encryption_key_hash, secret, created) VALUES (?, ?, ?, ?)
      ON CONFLICT (owner) DO UPDATE SET encryption_key_hash = excluded.encryption_key_hash, secret = excluded.secret
      RETURNING id`)
    .get(token, kept.hash, kept.value, now());
  return String(row?.id);
}

export function hasCallbackSecret({ database }: Sqlite, token: string): boolean {
  return database.query('SELECT 1 FROM webhook WHERE owner = ?').get(token) !== null;
}

export function takeDeliveries(
  { database, now, cipher }: Caller,
  { limit, perWebhook, rooms, leaseMs }: DeliveryBounds,
): readonly Delivery[] {
  const time = now();
  const lanes = database.query<{ webhook: number }, []>(`
    WITH RECURSIVE lanes AS (
      SELECT min(webhook) AS webhook FROM webhook_delivery
      UNION ALL
      SELECT (SELECT min(d.webhook) FROM webhook_delivery d WHERE d.webhook > l.webhook)
      FROM lanes l WHERE l.webhook IS NOT NULL)
    SELECT webhook FROM lanes WHERE webhook IS NOT NULL ORDER BY random()`);
  const take = database.query<{ id: number }, [number, number, number, number]>(`
    UPDATE webhook_delivery SET tries = tries + 1, next_at = ?1 + ?2 WHERE id IN (
      SELECT id FROM webhook_delivery WHERE webhook = ?3 AND next_at <= ?1 ORDER BY next_at LIMIT ?4) RETURNING id`);
  const taken: number[] = [];
  for (const { webhook } of lanes.all()) {
    const most = Math.min(rooms[webhook] ?? perWebhook, limit - taken.length);
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
  if (end.kind === 'given-up')
    database
      .query(`
        INSERT INTO dead_letter (queue, exchange, routing_key, reason, body, created)
        SELECT 'webhooks', '', 'webhook ' || webhook, ?3, CAST(json_object('execution', execution,
          'action_ref', action_ref, 'status', status, 'tries', tries, 'message', message_id) AS BLOB), ?4
        FROM webhook_delivery WHERE id = ?1 AND tries = ?2`)
      .run(id, tries, problem, now());
  const { changes } =
    end.kind === 'later'
      ? database
          .query('UPDATE webhook_delivery SET next_at = ? WHERE id = ? AND tries = ?')
          .run(now() + end.afterMs, id, tries)
      : database.query('DELETE FROM webhook_delivery WHERE id = ? AND tries = ?').run(id, tries);
  if (changes === 0) return false;
  database
    .query(`
      UPDATE webhook SET problem = ?1, delivered_at = CASE WHEN ?1 IS NULL THEN ?2 ELSE delivered_at END
      WHERE id = ?3`)
    .run(problem, now(), webhook);
  return true;
}
