import { type ExecutionRow, LIST_BYTES, listOf, readView, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ExecutionFilter, ExecutionList } from '#domain/client-store.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '#domain/execution-status.ts';

/**
 * Lists executions, newest first. Each status is looked at by itself, and gives a page at most, so that an index
 * answers even where nothing has that status.
 */
export async function listExecutions({ sql }: Caller, filter: ExecutionFilter): Promise<ExecutionList> {
  const { statuses, actionRef, worker, before, limit } = filter;
  const isOfAll = statuses === undefined && actionRef === undefined && worker === undefined;
  const wanted = EXECUTION_STATUSES.filter((one) => statuses?.includes(one) ?? true);
  if (wanted.length === 0) return { executions: [], hasMore: false };
  const most = sql.unsafe(String(Math.trunc(limit) + 1));
  const page = (status: ExecutionStatus | undefined) => sql`
    (SELECT id FROM execution WHERE true
      ${status === undefined ? sql`` : sql`AND status = ${sql.unsafe(`'${status}'`)}`}
      ${actionRef === undefined ? sql`` : sql`AND action_ref = ${actionRef}`}
      ${worker === undefined ? sql`` : sql`AND worker = ${worker}`}
      ${before === undefined ? sql`` : sql`AND id < ${before}`}
    ORDER BY id DESC LIMIT ${most})`;
  const pages = (isOfAll ? [undefined] : wanted).map(page).reduce((all, one) => sql`${all} UNION ALL ${one}`);
  const rows = await sql<(ExecutionRow & { readonly found: string })[]>`
    WITH wanted AS (
      SELECT ${sql.unsafe(VIEW_COLUMNS)} FROM execution WHERE id IN (
        SELECT id FROM (${pages}) AS found ORDER BY id DESC LIMIT ${most})
    ), sized AS (
      SELECT *, COUNT(*) OVER () AS found, COALESCE(octet_length(config::text), 0)
        + COALESCE(octet_length(result::text), 0) + COALESCE(octet_length(param_schema::text), 0) AS size
      FROM wanted
    ), listed AS (
      SELECT *, COALESCE(SUM(size) OVER (
        ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
      FROM sized
    )
    SELECT * FROM listed WHERE bytes_before <= ${LIST_BYTES} ORDER BY id DESC`;
  return listOf(rows, limit, readView);
}
