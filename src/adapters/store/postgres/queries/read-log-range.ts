import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { LogChunk } from '#domain/log.ts';
import { type LogRow, readLogRow } from './read-logs.ts';

export async function readLogRange(
  { sql }: Caller,
  ...[execution, { attempt, stream, from, to }, limit]: Parameters<ClientStore['readLogRange']>
): Promise<readonly LogChunk[]> {
  const rows = await sql<LogRow[]>`
    SELECT attempt, stream, seq, "offset", data, at FROM execution_log
    WHERE execution = ${execution} AND attempt = ${attempt} AND stream = ${stream} AND "offset" < ${to}
      AND "offset" >= COALESCE((SELECT max("offset") FROM execution_log
        WHERE execution = ${execution} AND attempt = ${attempt} AND stream = ${stream} AND "offset" <= ${from}), 0)
    ORDER BY "offset" LIMIT ${limit}`;
  return rows.map((row) => readLogRow(execution, row));
}
