import type { Caller } from '#adapters/store/postgres/connect.ts';
import { readSecretRows, type SecretRow } from '#adapters/store/secret-row.ts';
import type { SecretValue } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function readSecrets({ sql, cipher }: Caller, execution: ExecutionId): Promise<readonly SecretValue[]> {
  const rows = await sql<SecretRow[]>`
    SELECT path, encryption_key_hash, value FROM execution_secret_value
    WHERE execution = ${execution} ORDER BY path COLLATE "C"`;
  return readSecretRows(rows, cipher);
}
