import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionId } from '#domain/ids.ts';

export function findEnded({ database }: Sqlite, executions: readonly ExecutionId[]): readonly ExecutionId[] {
  return database
    .query<{ id: ExecutionId }, [string]>(`
      SELECT g.value AS id FROM json_each(?) AS g LEFT JOIN execution e ON e.id = CAST(g.value AS INTEGER)
      WHERE e.id IS NULL OR e.status NOT IN ${ACTIVE}`)
    .all(JSON.stringify(executions))
    .map(({ id }) => id);
}
