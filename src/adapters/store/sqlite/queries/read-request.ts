import { parsed } from '#adapters/store/json.ts';
import { type RequestRow, readRequestRow } from '#adapters/store/request-row.ts';
import { readEncryptedParameters } from '#adapters/store/secret-parameters.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

export function readRequest({ database, cipher }: Caller, execution: ExecutionId): ExecutionRequest | undefined {
  type Row = RequestRow & {
    [column in 'config' | 'encrypted_config' | 'env_vars' | 'worker_selector' | 'inline_options']: string | null;
  };
  const row = database
    .query<Row, [string]>(`
      SELECT id, action_ref, config, env_vars, timeout_seconds, max_retries, priority, worker_selector, inline_runtime,
        inline_code, inline_options, encrypted_config
      FROM execution WHERE id = ?`)
    .get(execution);
  if (!row) return undefined;
  const columns = {
    config: parsed(row.config),
    encrypted_config: readEncryptedParameters(row.encrypted_config),
    env_vars: parsed(row.env_vars),
    worker_selector: parsed(row.worker_selector),
    inline_options: parsed(row.inline_options),
  };
  return readRequestRow({ ...row, ...columns }, cipher);
}
