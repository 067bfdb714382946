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
    SELECT l.* FROM (SELECT ${execution}::bigint AS execution, ${attempt}::int AS attempt, ${seq}::int AS seq) AS g
    CROSS JOIN LATERAL (${chunksBehind(sql, limit)}) l ORDER BY l.attempt, l.seq`;
  return rows.map((row) => readLogRow(execution, row));
}

/**
 * Selects the first chunks behind the place `g` (execution, attempt, seq): those of its attempt and of the next one
 * that has any, each stream by itself, as the index has them. What it reads does not depend on the length of the log.
 */
export function chunksBehind(sql: Caller['sql'], limit: number) {
  const ofStream = (stream: StreamName, attempt: 'g' | 'later') => sql`
    (SELECT c.attempt, c.stream, c.seq, c."offset", c.data, c.at FROM execution_log c
    WHERE c.execution = g.execution AND c.stream = ${sql.unsafe(`'${stream}'`)}
      AND c.attempt = ${sql.unsafe(`${attempt}.attempt`)} ${attempt === 'g' ? sql`AND c.seq > g.seq` : sql``}
    ORDER BY c.seq LIMIT ${limit})`;
  return sql`
    SELECT chunk.* FROM (
      SELECT min(n.attempt) AS attempt FROM execution_log n WHERE n.execution = g.execution AND n.attempt > g.attempt
    ) AS later
    CROSS JOIN LATERAL (
      ${ofStream('stdout', 'g')} UNION ALL ${ofStream('stderr', 'g')}
      UNION ALL ${ofStream('stdout', 'later')} UNION ALL ${ofStream('stderr', 'later')}
    ) AS chunk ORDER BY chunk.attempt, chunk.seq LIMIT ${limit}`;
}

export function readLogRow(execution: ExecutionId, { attempt, stream, seq, offset, data, at }: LogRow): LogChunk {
  return { execution, attempt, stream, seq, offset: Number(offset), data, at: at.getTime() };
}
