import { parsed } from '#adapters/store/json.ts';
import { type RequestRow, readRequestRow } from '#adapters/store/request-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

export function readRequest({ database }: Sqlite, execution: ExecutionId): ExecutionRequest | undefined {
  type Row = RequestRow & { [column in 'config' | 'env_vars' | 'worker_selector' | 'inline_options']: string | null };
  const row = database
    .query<Row, [string]>(`
      SELECT id, action_ref, config, env_vars, timeout_seconds, max_retries, priority, worker_selector, inline_runtime,
        inline_code, inline_options
      FROM execution WHERE id = ?`)
    .get(execution);
  if (!row) return undefined;
  return readRequestRow({
    ...row,
    config: parsed(row.config),
    env_vars: parsed(row.env_vars),
    worker_selector: parsed(row.worker_selector),
    inline_options: parsed(row.inline_options),
  });
}
