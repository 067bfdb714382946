import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { encryptSecret, MOST_COUNTED, readTarget, readWebhook, type WebhookRow } from '#adapters/store/webhook-row.ts';
import type { NewWebhook, WebhookTarget, WebhookView } from '#domain/webhook.ts';
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
    SELECT w.id, w.url, w.statuses, w.action_ref, w.pack_ref, w.delivered_at, w.problem, w.paused_at,
      w.dropped, w.created,
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
      dropped AS (DELETE FROM webhook_delivery USING gone WHERE webhook = gone.id),
      forgotten AS (DELETE FROM webhook_ended USING gone WHERE webhook = gone.id)
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

export async function pauseWebhook({ sql }: Caller, id: string, isPaused: boolean): Promise<boolean> {
  const [row] = await sql`
    UPDATE webhook SET paused_at = CASE WHEN ${isPaused} THEN COALESCE(paused_at, now()) END
    WHERE id = ${id} RETURNING id`;
  return row !== undefined;
}

export async function saveWebhookSecret(caller: Caller, id: string, secret: string): Promise<boolean> {
  const cipher = await ownCipher(caller);
  return await caller.sql.begin(async (transaction) => {
    const [row] = await transaction<{ url: string }[]>`
      SELECT url FROM webhook WHERE id = ${id} AND owner IS NULL FOR UPDATE`;
    if (!row) return false;
    const kept = encryptSecret(secret, { owner: null, url: row.url }, cipher);
    await transaction`
      UPDATE webhook SET encryption_key_hash = ${kept.hash}, secret = ${kept.value} WHERE id = ${id}`;
    return true;
  });
}
