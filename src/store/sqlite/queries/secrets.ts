import type { Cipher } from '#domain/cipher.ts';
import type { SecretValue } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { parsed } from '#store/json.ts';
import { readSecretRows, type SecretRow } from '#store/secret-row.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function readSecrets(
  { database }: Sqlite,
  execution: ExecutionId,
  cipher: Cipher | undefined,
): readonly SecretValue[] {
  const rows = database
    .query<SecretRow & { value: string }, [string]>(
      'SELECT path, encryption_key_hash, value FROM execution_secret_value WHERE execution = ? ORDER BY path',
    )
    .all(execution);
  return readSecretRows(
    rows.map((row) => ({ ...row, value: parsed(row.value) })),
    cipher,
  );
}
