import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function findEnded({ sql }: Caller, executions: readonly ExecutionId[]): Promise<readonly ExecutionId[]> {
  const rows = await sql<{ id: ExecutionId }[]>`
    SELECT g.id FROM json_array_elements_text(${JSON.stringify(executions)}::text::json) AS g(id)
    LEFT JOIN execution e ON e.id = g.id::bigint
    WHERE e.id IS NULL OR e.status NOT IN ${sql.unsafe(ACTIVE)}`;
  return rows.map(({ id }) => id);
}
