import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { LogSize } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function measureLogs({ sql }: Caller, execution: ExecutionId): Promise<readonly LogSize[]> {
  return await sql<LogSize[]>`
    SELECT attempt, stream, max("offset" + octet_length(data))::float8 AS bytes FROM execution_log
    WHERE execution = ${execution} GROUP BY attempt, stream ORDER BY attempt, stream`;
}
