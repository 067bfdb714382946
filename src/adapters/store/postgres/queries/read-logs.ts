import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { StreamName } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';

export interface LogRow {
  readonly attempt: number;
  readonly stream: StreamName;
  readonly seq: number;
  readonly offset: string;
  readonly data: Buffer;
  readonly at: Date;
}

export async function readLogs(
  { sql }: Caller,
  ...[execution, { attempt, seq }, limit]: Parameters<ClientStore['readLogs']>
): Promise<readonly LogChunk[]> {
  const rows = await sql<LogRow[]>`
    SELECT attempt, stream, seq, "offset", data, at FROM execution_log
    WHERE execution = ${execution} AND (attempt, seq) > (${attempt}, ${seq}) ORDER BY attempt, seq LIMIT ${limit}`;
  return rows.map((row) => readLogRow(execution, row));
}

export function readLogRow(execution: ExecutionId, { attempt, stream, seq, offset, data, at }: LogRow): LogChunk {
  return { execution, attempt, stream, seq, offset: Number(offset), data, at: at.getTime() };
}
