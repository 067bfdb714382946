import { boundRows, type UnboundRow } from '#adapters/store/encrypt-again.ts';
import { parsed } from '#adapters/store/json.ts';
import { placeOfKey } from '#adapters/store/key-values.ts';
import { placeOfSecret } from '#adapters/store/secret-row.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';

export function encryptAgain(caller: Caller): { readonly encrypted: number; readonly left: number } {
  const { database, cipher, ciphers } = caller;
  if (!cipher || !ciphers) throw new Error('there is no key to encrypt with');
  const store = (table: 'key' | 'execution_secret_value', rows: readonly UnboundRow[]): number => {
    const bound = boundRows(rows, ciphers, cipher);
    for (const { id, hash, value } of bound)
      database
        .query(`UPDATE ${table} SET encryption_key_hash = ?, value = ? WHERE rowid = ?`)
        .run(hash, JSON.stringify(value), id);
    return bound.length;
  };
  const [keys, secrets] = [readKeys(caller), readSecretValues(caller)];
  const encrypted = store('key', keys) + store('execution_secret_value', secrets);
  return { encrypted, left: keys.length + secrets.length - encrypted };
}

/** The only worker is of this process. */
export function readersOfBefore(): readonly string[] {
  return [];
}

interface Columns {
  readonly id: number;
  readonly hash: string | null;
  readonly value: string;
}

interface KeyColumns extends Columns {
  readonly ref: string;
  readonly owner_type: string;
  readonly owner: string | null;
  readonly name: string;
}

function readKeys({ database }: Caller): readonly UnboundRow[] {
  return database
    .query<KeyColumns, []>(`
      SELECT rowid AS id, encryption_key_hash AS hash, value, ref, owner_type, owner, name FROM key
      WHERE encrypted AND value NOT LIKE '%:%'`)
    .all()
    .map((row) => ({ ...row, old: String(parsed(row.value)), place: placeOfKey(row) }));
}

function readSecretValues({ database }: Caller): readonly UnboundRow[] {
  return database
    .query<Columns & { execution: string; path: string }, []>(`
      SELECT rowid AS id, encryption_key_hash AS hash, value, CAST(execution AS TEXT) AS execution, path
      FROM execution_secret_value WHERE value NOT LIKE '%:%'`)
    .all()
    .map((row) => ({ ...row, old: String(parsed(row.value)), place: placeOfSecret(row.execution, row.path) }));
}
