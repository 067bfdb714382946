import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { DAY_MS } from '#domain/durations.ts';
import type { IdempotencyKey, RequestedOnce } from '#domain/idempotency.ts';
import { executionId } from '#domain/ids.ts';
import { request } from './request.ts';

export function requestOnce(
  sqlite: Caller,
  one: ExecutionRequest,
  { owner, key, requestHash, isFull = false }: IdempotencyKey,
): RequestedOnce {
  const { database, now } = sqlite;
  database.query('DELETE FROM idempotency_key WHERE created < ?').run(now() - DAY_MS);
  const earlier = database
    .query<{ execution: number; request_hash: string }, [string, string]>(
      'SELECT execution, request_hash FROM idempotency_key WHERE owner = ? AND key = ?',
    )
    .get(owner, key);
  if (earlier && earlier.request_hash !== requestHash) return { kind: 'other-request' };
  if (earlier) return { kind: 'repeated', execution: executionId(earlier.execution) };
  if (isFull) return { kind: 'full' };
  const { executions, messages } = request(sqlite, [one]);
  const [execution] = executions;
  if (execution === undefined) return { kind: 'no-action' };
  database
    .query('INSERT INTO idempotency_key (owner, key, request_hash, execution, created) VALUES (?, ?, ?, ?, ?)')
    .run(owner, key, requestHash, execution, now());
  return { kind: 'requested', execution, messages };
}
