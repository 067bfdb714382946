import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { IdempotencyKey, RequestedOnce } from '#domain/idempotency.ts';
import { executionId } from '#domain/ids.ts';
import { request } from './request.ts';

/**
 * Requests an execution once for each idempotency key: a second request with the key waits for the first, and then
 * finds its execution.
 */
export async function requestOnce(
  { sql, ciphers }: Caller,
  one: ExecutionRequest,
  { owner, key, requestHash, isFull = false }: IdempotencyKey,
): Promise<RequestedOnce> {
  return await sql.begin<RequestedOnce>(async (transaction) => {
    await transaction`DELETE FROM idempotency_key WHERE created < now() - interval '1 day'`;
    const [mine] = await transaction`
      INSERT INTO idempotency_key (owner, key, request_hash, execution) VALUES (${owner}, ${key}, ${requestHash}, 0)
      ON CONFLICT (owner, key) DO NOTHING RETURNING key`;
    if (!mine) {
      const [earlier] = await transaction<{ execution: string; request_hash: string }[]>`
        SELECT execution, request_hash FROM idempotency_key WHERE owner = ${owner} AND key = ${key}`;
      if (earlier?.request_hash !== requestHash) return { kind: 'other-request' };
      return { kind: 'repeated', execution: executionId(earlier.execution) };
    }
    const { executions, messages } = isFull
      ? { executions: [], messages: [] }
      : await request({ sql: transaction, ciphers }, [one]);
    const [execution] = executions;
    if (execution === undefined) {
      await transaction`DELETE FROM idempotency_key WHERE owner = ${owner} AND key = ${key}`;
      return { kind: isFull ? 'full' : 'no-action' };
    }
    await transaction`UPDATE idempotency_key SET execution = ${execution} WHERE owner = ${owner} AND key = ${key}`;
    return { kind: 'requested', execution, messages };
  });
}
