import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { ACTIVE } from '#adapters/store/status-lists.ts';

export function countUnfinished({ database }: Sqlite, requester: string, most: number): number {
  const [, parent] = /^execution (\d+)$/.exec(requester) ?? [];
  const isTheirs =
    parent === undefined
      ? 'e.requested_by = ?'
      : `e.requested_by LIKE 'execution %' AND EXISTS (
          SELECT 1 FROM execution p WHERE p.id = CAST(substr(e.requested_by, 11) AS INTEGER)
            AND p.action_ref = (SELECT action_ref FROM execution WHERE id = ?))`;
  const row = database
    .query<{ count: number }, [string, number]>(`
      SELECT count(*) AS count FROM (
        SELECT 1 FROM execution e WHERE e.status IN ${ACTIVE} AND ${isTheirs} LIMIT ?)`)
    .get(parent ?? requester, most);
  return row?.count ?? 0;
}
