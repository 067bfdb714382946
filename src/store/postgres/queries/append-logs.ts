import type { LogChunk } from '#domain/log.ts';
import type { Sql } from '#store/postgres/connect.ts';

/** One statement, whatever the number of chunks. The time of a chunk is part of its key: writing it again does nothing. */
export async function appendLogs(sql: Sql, chunks: readonly LogChunk[]): Promise<void> {
  const rows = chunks.map(({ data, at, ...chunk }) => ({
    ...chunk,
    data: Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64'),
    at: new Date(at).toISOString(),
  }));
  await sql`
    INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data, at)
    SELECT execution, attempt, stream, seq, "offset", decode(data, 'base64'), at
    FROM json_to_recordset(${JSON.stringify(rows)}::text::json)
      AS c(execution BIGINT, attempt INTEGER, stream TEXT, seq INTEGER, "offset" BIGINT, data TEXT, at TIMESTAMPTZ)
    ON CONFLICT DO NOTHING`;
}
