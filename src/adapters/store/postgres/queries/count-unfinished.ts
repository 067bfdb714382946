import type { Caller } from '#adapters/store/postgres/connect.ts';
import { WAITING } from '#adapters/store/status-lists.ts';

/**
 * Looks at what is active alone, by indexes. An execution that requests its own action again would have a
 * new name each time: so all executions of an action count as one requester.
 */
export async function countUnfinished({ sql }: Caller, requester: string, most: number): Promise<number> {
  const [, parent] = /^execution (\d+)$/.exec(requester) ?? [];
  const isTheirs =
    parent === undefined
      ? sql`e.requested_by = ${requester}`
      : sql`e.requested_by LIKE 'execution %' AND EXISTS (
          SELECT FROM execution p WHERE p.id = split_part(e.requested_by, ' ', 2)::bigint
            AND p.action_ref = (SELECT action_ref FROM execution WHERE id = ${parent}))`;
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM execution e WHERE e.indexed_status IN ${sql.unsafe(WAITING)} AND ${isTheirs}
      UNION ALL SELECT FROM execution e WHERE e.indexed_status = 'assigned' AND ${isTheirs} LIMIT ${most}) AS theirs`;
  return row?.count ?? 0;
}
