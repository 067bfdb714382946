import { iso } from '#adapters/store/execution-row.ts';
import { encryptValue, keyColumns, placeOfKey } from '#adapters/store/key-values.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import type { KeyOwners, KeyView, NewKey } from '#domain/admin-store.ts';
import type { Page } from '#domain/page.ts';

export function saveKey({ database, now, cipher }: Caller, key: NewKey): void {
  if (!cipher) throw new Error('there is no key to encrypt with');
  const kept = encryptValue(key.value, placeOfKey(keyColumns(key)), cipher);
  database
    .query(`
      INSERT INTO key (ref, owner_type, owner, name, encrypted, encryption_key_hash, value, created, updated)
      VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?7)
      ON CONFLICT (ref) DO UPDATE SET encryption_key_hash = excluded.encryption_key_hash, value = excluded.value,
        updated = excluded.updated`)
    .run(key.ref, key.ownerType, key.owner ?? null, key.name, kept.hash, JSON.stringify(kept.value), now());
}

interface Row {
  readonly ref: string;
  readonly owner_type: KeyView['ownerType'];
  readonly owner: string | null;
  readonly name: string;
  readonly updated: number;
}

const VIEW = 'SELECT ref, owner_type, owner, name, updated FROM key';

export function listKeys({ database }: Sqlite, { after = '', limit = -1 }: Page = {}): readonly KeyView[] {
  const rows = database.query<Row, [string, number]>(`${VIEW} WHERE ref > ? ORDER BY ref LIMIT ?`).all(after, limit);
  return rows.map(viewOf);
}

export function findKey({ database }: Sqlite, ref: string): KeyView | undefined {
  const row = database.query<Row, [string]>(`${VIEW} WHERE ref = ?`).get(ref);
  return row ? viewOf(row) : undefined;
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

export function findKeyNames(
  { database }: Sqlite,
  { actionRef, packRef }: KeyOwners,
  names: readonly string[],
): readonly string[] {
  const query = database.query<object, [string, string, string]>(`
    SELECT 1 FROM key WHERE name = ?1 AND (owner_type = 'system' OR owner_type = 'action' AND owner = ?2
      OR owner_type = 'pack' AND owner = ?3) LIMIT 1`);
  return names.filter((name) => query.get(name, actionRef, packRef) !== null);
}

export function deleteKey({ database }: Sqlite, ref: string): boolean {
  return database.query('DELETE FROM key WHERE ref = ?').run(ref).changes > 0;
}
