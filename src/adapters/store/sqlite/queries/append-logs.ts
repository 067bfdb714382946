import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { LogChunk } from '#domain/log.ts';

export function appendLogs({ database }: Sqlite, chunks: readonly LogChunk[]): void {
  const insert = database.query(`
    INSERT OR IGNORE INTO execution_log (execution, attempt, seq, stream, "offset", data, at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  for (const { execution, attempt, seq, stream, offset, data, at } of chunks)
    insert.run(execution, attempt, seq, stream, offset, data, at);
}
