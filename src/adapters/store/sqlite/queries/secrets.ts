import { parsed } from '#adapters/store/json.ts';
import { readSecretRows, type SecretRow } from '#adapters/store/secret-row.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { SecretValue } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';

export function readSecrets({ database, cipher }: Caller, execution: ExecutionId): readonly SecretValue[] {
  const rows = database
    .query<SecretRow & { value: string }, [string]>(
      'SELECT path, encryption_key_hash, value FROM execution_secret_value WHERE execution = ? ORDER BY path',
    )
    .all(execution);
  return readSecretRows(
    rows.map((row) => ({ ...row, value: parsed(row.value) })),
    execution,
    cipher,
  );
}
