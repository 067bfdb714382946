import { iso } from '#adapters/store/execution-row.ts';
import { encryptValue, keyColumns, placeOfKey } from '#adapters/store/key-values.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import type { KeyOwners, KeyView, NewKey } from '#domain/admin-store.ts';
import type { Page } from '#domain/page.ts';

export async function saveKey(caller: Caller, key: NewKey): Promise<void> {
  const { sql } = caller;
  const cipher = await ownCipher(caller);
  if (!cipher) throw new Error('there is no key to encrypt with');
  const kept = encryptValue(key.value, placeOfKey(keyColumns(key)), cipher);
  await sql`
    INSERT INTO key (ref, owner_type, owner, owner_pack, owner_pack_ref, owner_action, owner_action_ref, name,
      encrypted, encryption_key_hash, value)
    VALUES (${key.ref}, ${key.ownerType}, ${key.owner ?? null},
      CASE WHEN ${key.ownerType} = 'pack' THEN (SELECT id FROM pack WHERE ref = ${key.owner ?? null}) END,
      CASE WHEN ${key.ownerType} = 'pack' THEN ${key.owner ?? null}::text END,
      CASE WHEN ${key.ownerType} = 'action' THEN (SELECT id FROM action WHERE ref = ${key.owner ?? null}) END,
      CASE WHEN ${key.ownerType} = 'action' THEN ${key.owner ?? null}::text END,
      ${key.name}, true, ${kept.hash}, to_jsonb(${kept.value}::text))
    ON CONFLICT (ref) DO UPDATE SET encrypted = true, encryption_key_hash = EXCLUDED.encryption_key_hash,
      value = EXCLUDED.value, updated = now()`;
}

interface Row {
  readonly ref: string;
  readonly owner_type: KeyView['ownerType'];
  readonly owner: string | null;
  readonly name: string;
  readonly updated: Date;
}

const VIEW = `
  SELECT ref, owner_type, COALESCE(owner, owner_pack_ref, owner_action_ref) AS owner, name, updated FROM key`;

export async function listKeys({ sql }: Caller, { after, limit }: Page = {}): Promise<readonly KeyView[]> {
  const rows = await sql<Row[]>`
    ${sql.unsafe(VIEW)} WHERE ref COLLATE "C" > ${after ?? ''} ORDER BY ref COLLATE "C" LIMIT ${limit ?? null}`;
  return rows.map(viewOf);
}

export async function findKey({ sql }: Caller, ref: string): Promise<KeyView | undefined> {
  const [row] = await sql<Row[]>`${sql.unsafe(VIEW)} WHERE ref = ${ref}`;
  return row && viewOf(row);
}

function viewOf(row: Row): KeyView {
  return {
    ref: row.ref,
    ownerType: row.owner_type,
    owner: row.owner ?? undefined,
    name: row.name,
    updated: iso(row.updated),
  };
}

export async function findKeyNames(
  { sql }: Caller,
  { actionRef, packRef }: KeyOwners,
  names: readonly string[],
): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    WITH wanted AS (SELECT name FROM json_array_elements_text(${JSON.stringify(names)}::text::json) AS name)
    SELECT name FROM wanted w WHERE EXISTS (
      SELECT FROM key k WHERE k.owner_type = 'action' AND k.owner_action_ref = ${actionRef} AND k.name = w.name
    ) OR EXISTS (
      SELECT FROM key k WHERE k.owner_type = 'pack' AND k.owner_pack_ref = ${packRef} AND k.name = w.name
    ) OR EXISTS (SELECT FROM key k WHERE k.owner_type = 'system' AND k.name = w.name)`;
  return rows.map((row) => row.name);
}

export async function deleteKey({ sql }: Caller, ref: string): Promise<boolean> {
  const rows = await sql`DELETE FROM key WHERE ref = ${ref} RETURNING ref`;
  return rows.length > 0;
}
