import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { LogChunk } from '#domain/log.ts';

/** Appends log chunks in one statement, whatever their number. */
export async function appendLogs({ sql, owner }: Caller, chunks: readonly LogChunk[]): Promise<void> {
  const rows = chunks.map(({ data, at, ...chunk }) => ({
    ...chunk,
    data: Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64'),
    at: new Date(at).toISOString(),
  }));
  await sql`SELECT agent_append_logs(${owner ?? null}, ${JSON.stringify(rows)}::text::json)`;
}
