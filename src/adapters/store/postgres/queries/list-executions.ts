import {
  cutByBytes,
  type ExecutionRow,
  LEAN_COLUMNS,
  listOf,
  readView,
  VIEW_COLUMNS,
} from '#adapters/store/execution-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '#domain/execution-status.ts';
import type { ExecutionFilter, ExecutionList } from '#domain/execution-view.ts';

/**
 * Lists executions, newest first. Each status is looked at by itself, and gives a page at most, so that an index
 * answers even where nothing has that status.
 */
export async function listExecutions({ sql }: Caller, filter: ExecutionFilter): Promise<ExecutionList> {
  const { statuses, actionRef, worker, before, limit, isLean } = filter;
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
      SELECT ${sql.unsafe(isLean ? LEAN_COLUMNS : VIEW_COLUMNS)} FROM execution WHERE id IN (
        SELECT id FROM (${pages}) AS found ORDER BY id DESC LIMIT ${most})
    ), ${sql.unsafe(cutByBytes((column) => `octet_length(${column}::text)`))}`;
  return listOf(rows, limit, readView);
}
