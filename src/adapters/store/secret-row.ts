import type { Settlement } from '#domain/agent-store.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { SecretValue } from '#domain/execution.ts';
import { encryptJoinedValue, encryptValue, isOfKey } from './key-values.ts';

export interface SecretRow {
  readonly path: string;
  readonly encryption_key_hash: string;
  readonly value: unknown;
}

/** The secret values of rows that this cipher has encrypted; other rows are left out. */
export function readSecretRows(rows: readonly SecretRow[], cipher: Cipher | undefined): readonly SecretValue[] {
  if (!cipher) return [];
  return rows.flatMap((row) =>
    isOfKey(row.encryption_key_hash, cipher)
      ? [{ path: row.path, value: JSON.parse(cipher.decrypt(String(row.value))) }]
      : [],
  );
}

/**
 * The rows, encrypted, of the secret values that a verdict took out of its result. A path that is named twice has the
 * last value. Without a cipher there are no rows, since a secret must not be stored as it is.
 */
export function secretRowsOf({ execution, attempt, verdict, isJoined }: Settlement, cipher: Cipher | undefined) {
  if (verdict.kind !== 'final' || !cipher) return [];
  const encrypt = isJoined ? encryptJoinedValue : encryptValue;
  const values = new Map((verdict.secrets ?? []).map(({ path, value }) => [path, value]));
  return [...values].map(([path, value]) => ({ execution, attempt, path, ...encrypt(value, cipher) }));
}
