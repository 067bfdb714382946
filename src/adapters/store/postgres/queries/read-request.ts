import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { type RequestRow, readRequestRow } from '#adapters/store/request-row.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function readRequest(caller: Caller, execution: ExecutionId): Promise<ExecutionRequest | undefined> {
  const [row] = await caller.sql<RequestRow[]>`
    SELECT id, action_ref, config, env_vars, timeout_seconds, max_retries, priority, worker_selector, inline_runtime,
      inline_code, inline_options, encrypted_config
    FROM execution WHERE id = ${execution}`;
  return row && readRequestRow(row, row.encrypted_config ? await ownCipher(caller) : undefined);
}
