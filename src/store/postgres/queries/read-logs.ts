import type { LogPosition } from '#domain/client-store.ts';
import type { StreamName } from '#domain/execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Sql } from '#store/postgres/connect.ts';

interface Row {
  readonly attempt: number;
  readonly stream: StreamName;
  readonly seq: number;
  readonly offset: string;
  readonly data: Buffer;
  readonly at: Date;
}

export async function readLogs(
  sql: Sql,
  execution: ExecutionId,
  { attempt, seq, limit }: LogPosition & { readonly limit: number },
): Promise<readonly LogChunk[]> {
  const rows = await sql<Row[]>`
    SELECT attempt, stream, seq, "offset", data, at FROM execution_log
    WHERE execution = ${execution} AND (attempt, seq) > (${attempt}, ${seq}) ORDER BY attempt, seq LIMIT ${limit}`;
  return rows.map((row) => ({ ...row, execution, offset: Number(row.offset), at: row.at.getTime() }));
}
