import { parsed } from '#adapters/store/json.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import { encryptSecret, MOST_COUNTED, readTarget, readWebhook, type WebhookRow } from '#adapters/store/webhook-row.ts';
import type { NewWebhook, WebhookTarget, WebhookView } from '#domain/webhook.ts';

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
      SELECT w.id, w.url, w.statuses, w.action_ref, w.pack_ref, w.delivered_at, w.problem, w.paused_at,
        w.dropped, w.created,
        CASE WHEN w.owner IS NOT NULL THEN COALESCE(t.name, w.owner) END AS callbacks_of,
        (SELECT count(*) FROM (SELECT 1 FROM webhook_delivery WHERE webhook = w.id LIMIT ?2)) AS waiting
      FROM webhook w LEFT JOIN api_token t ON CAST(t.id AS TEXT) = w.owner
      WHERE ?1 IS NULL OR w.id = CAST(?1 AS INTEGER) ORDER BY w.id`)
    .all(id, MOST_COUNTED)
    .map((row) => readWebhook({ ...row, statuses: parsed(row.statuses) }));
}

export function deleteWebhook({ database }: Sqlite, id: string): boolean {
  for (const table of ['webhook_delivery', 'webhook_ended'])
    database.query(`DELETE FROM ${table} WHERE webhook = CAST(? AS INTEGER)`).run(id);
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

export function pauseWebhook({ database, now }: Sqlite, id: string, isPaused: boolean): boolean {
  const { changes } = database
    .query(
      'UPDATE webhook SET paused_at = CASE WHEN ?1 THEN COALESCE(paused_at, ?2) END WHERE id = CAST(?3 AS INTEGER)',
    )
    .run(isPaused ? 1 : 0, now(), id);
  return changes > 0;
}

export function saveWebhookSecret({ database, cipher }: Caller, id: string, secret: string): boolean {
  const row = database
    .query<{ url: string }, [string]>('SELECT url FROM webhook WHERE id = CAST(? AS INTEGER) AND owner IS NULL')
    .get(id);
  if (!row) return false;
  const kept = encryptSecret(secret, { owner: null, url: row.url }, cipher);
  database
    .query('UPDATE webhook SET encryption_key_hash = ?, secret = ? WHERE id = CAST(? AS INTEGER)')
    .run(kept.hash, kept.value, id);
  return true;
}
