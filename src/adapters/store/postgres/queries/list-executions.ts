import { type ExecutionRow, readView, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ExecutionFilter, ExecutionView } from '#domain/client-store.ts';

export async function listExecutions({ sql }: Caller, filter: ExecutionFilter): Promise<readonly ExecutionView[]> {
  const { statuses, actionRef, worker, before, limit } = filter;
  const among = (texts: readonly string[]) =>
    sql`ANY(ARRAY(SELECT json_array_elements_text(${JSON.stringify(texts)}::text::json)))`;
  const rows = await sql<ExecutionRow[]>`
    SELECT ${sql.unsafe(VIEW_COLUMNS)} FROM execution WHERE true
      ${statuses === undefined ? sql`` : sql`AND status = ${among(statuses)}`}
      ${actionRef === undefined ? sql`` : sql`AND action_ref = ${actionRef}`}
      ${worker === undefined ? sql`` : sql`AND worker = ${worker}`}
      ${before === undefined ? sql`` : sql`AND id < ${before}`}
    ORDER BY id DESC LIMIT ${limit}`;
  return rows.map(readView);
}
