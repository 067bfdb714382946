import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { readSecretRows, type SecretRow } from '#adapters/store/secret-row.ts';
import type { SecretValue } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function readSecrets(caller: Caller, execution: ExecutionId): Promise<readonly SecretValue[]> {
  const rows = await caller.sql<SecretRow[]>`
    SELECT path, encryption_key_hash, value FROM execution_secret_value
    WHERE execution = ${execution} ORDER BY path COLLATE "C"`;
  return rows.length === 0 ? [] : readSecretRows(rows, execution, await ownCipher(caller));
}
