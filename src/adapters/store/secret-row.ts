import type { Settlement } from '#domain/agent-store.ts';
import type { Cipher, Place } from '#domain/cipher.ts';
import type { SecretValue } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { encryptValue } from './key-values.ts';

export interface SecretRow {
  readonly path: string;
  readonly encryption_key_hash: string;
  readonly value: unknown;
}

/** The secret values of the rows of an execution that this cipher has encrypted; other rows are left out. */
export function readSecretRows(
  rows: readonly SecretRow[],
  execution: ExecutionId,
  cipher: Cipher | undefined,
): readonly SecretValue[] {
  if (!cipher) return [];
  return rows.flatMap(({ path, encryption_key_hash: hash, value }) =>
    cipher.isKeyOf(hash)
      ? [{ path, value: JSON.parse(cipher.decrypt(String(value), placeOfSecret(execution, path))) }]
      : [],
  );
}

/**
 * The rows, encrypted, of the secret values that a verdict took out of its result. A path that is named twice has the
 * last value. Without a cipher there are no rows, since a secret must not be stored as it is.
 */
export function secretRowsOf({ execution, attempt, verdict }: Settlement, cipher: Cipher | undefined) {
  if (verdict.kind !== 'final' || !cipher) return [];
  const values = new Map((verdict.secrets ?? []).map(({ path, value }) => [path, value]));
  return [...values].map(([path, value]) => ({
    ...{ execution, attempt, path },
    ...encryptValue(value, placeOfSecret(execution, path), cipher),
  }));
}

/** Tells whether a settlement brings values to encrypt. */
export function hasSecrets({ verdict }: Settlement): boolean {
  return verdict.kind === 'final' && (verdict.secrets ?? []).length > 0;
}

/** The place of a secret value of a result. */
export function placeOfSecret(execution: string, path: string): Place {
  return ['execution_secret_value', 'value', execution, path];
}
