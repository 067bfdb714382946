import {
  cutByBytes,
  LEAN_COLUMNS,
  readTextRow,
  SEARCHED,
  TEXT_COLUMNS,
  type TextRow,
  untilLarge,
} from '#adapters/store/execution-row.ts';
import { NEWEST_FIRST, partsOf } from '#adapters/store/postgres/by-status.ts';
import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { within } from '#adapters/store/postgres/within.ts';
import { ASSIGNED_STATUSES, EXECUTION_STATUSES, type ExecutionStatus } from '#domain/execution-status.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';
import { type ExecutionId, executionId } from '#domain/ids.ts';

/**
 * Lists executions, newest first. Each status is looked at by itself, and gives a page at most, so that an index
 * answers even where nothing has that status; those of what is assigned to workers are looked at together.
 */
export async function listExecutions({ sql }: Caller, filter: ExecutionFilter): Promise<ExecutionList> {
  const { limit, isLean } = filter;
  const wanted = EXECUTION_STATUSES.filter((one) => filter.statuses?.includes(one) ?? true);
  if (wanted.length === 0) return { executions: [], hasMore: false };
  const bounds = await boundsOf(sql, filter);
  const most = sql.unsafe(String(Math.trunc(limit) + 1));
  const conditions = conditionsOf(sql, filter, bounds);
  const pages = sourcesOf(filter, wanted)
    .map(({ which, order, isRead }) => {
      const found = sql`SELECT id FROM execution WHERE ${sql.unsafe(which)} ${conditions}`;
      /* Read as a whole, and sorted then: no index of ids is worth a thought to a planner. */
      const source = isRead ? sql`SELECT id FROM (${found} OFFSET 0) AS found` : found;
      return sql`(${source} ORDER BY ${sql.unsafe(order)} LIMIT ${most})`;
    })
    .reduce((all, one) => sql`${all} UNION ALL ${one}`);
  const [first, last] = isLean ? ALL : untilLarge();
  const rows = await sql<(TextRow & { readonly found: string })[]>`
    WITH wanted AS (
      SELECT ${sql.unsafe(isLean ? LEAN_COLUMNS : TEXT_COLUMNS)}, found FROM ${sql.unsafe(first)}
        SELECT id FROM (${pages}) AS found ORDER BY id DESC LIMIT ${most}
      ${sql.unsafe(last)}
    ), ${sql.unsafe(cutByBytes())}`;
  const executions: ExecutionView[] = [];
  for (const row of rows.slice(0, limit)) executions.push(await readTextRow(row));
  const hasMore = Number(rows[0]?.found ?? 0) > executions.length;
  return hasMore || bounds.rest === undefined
    ? { executions, hasMore }
    : { executions, hasMore: true, next: bounds.rest };
}

/** The SQL around the ids of a page in a list without what may be large: all of these executions are read. */
const ALL = ['(SELECT *, COUNT(*) OVER () AS found FROM execution WHERE id IN (', ')) AS execution'] as const;

/** Where a part of the page is: conditions and an order, as SQL, that an index has, or a few rows that are all read. */
interface Source {
  readonly which: string;
  readonly order: string;
  readonly isRead: boolean;
}

function sourcesOf(filter: ExecutionFilter, wanted: readonly ExecutionStatus[]): readonly Source[] {
  const { statuses, actionRef, worker, parent } = filter;
  const hasOwnIndex = actionRef !== undefined || worker !== undefined || parent !== undefined;
  if (statuses === undefined && actionRef === undefined && worker === undefined)
    return [{ which: 'true', order: 'id DESC', isRead: false }];
  const assigned = wanted.filter(isAssigned).map((one) => `'${one}'`);
  const others = wanted
    .filter((one) => !isAssigned(one))
    .flatMap((status) =>
      hasOwnIndex
        ? { which: `indexed_status = '${status}'`, order: 'id DESC' }
        : partsOf(status).map((which) => ({ which, order: NEWEST_FIRST })),
    )
    .map((one) => ({ ...one, isRead: false }));
  if (assigned.length === 0) return others;
  const which = `indexed_status = 'assigned' AND status IN (${assigned.join(', ')})`;
  return [...others, { which, order: 'id DESC', isRead: true }];
}

function isAssigned(status: ExecutionStatus): boolean {
  const group: readonly string[] = ASSIGNED_STATUSES;
  return group.includes(status);
}

interface Bounds {
  /** The ids between which to look: from the first on, before the last. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Where a search goes on; undefined: nothing older is there. */
  readonly rest: ExecutionId | undefined;
}

/** Clocks and transactions of requests: ids may be so far from the order of their times. */
export const DISORDER = 1000;

/** Times become ids, by halving; a search, for which there is no index, gets a bounded part of all ids. */
async function boundsOf(sql: Caller['sql'], filter: ExecutionFilter): Promise<Bounds> {
  const { before, createdAfter, createdBefore, text, requestedBy, confinedTo } = filter;
  const isSearch = text !== undefined || requestedBy !== undefined || confinedTo !== undefined;
  if (!isSearch && createdAfter === undefined && createdBefore === undefined)
    return { from: undefined, to: before, rest: undefined };
  const [row] = await sql<{ first: string | null; newest: string | null; from: string | null; to: string | null }[]>`
    SELECT min(id) AS first, max(id) AS newest, ${idAt(sql, createdAfter)} AS from, ${idAt(sql, createdBefore)} AS to
    FROM execution`;
  const first = Number(row?.first ?? 0);
  const ends = [Number(row?.newest ?? 0) + 1, row?.to && Number(row.to) + DISORDER, before && Number(before)];
  const to = Math.min(...ends.filter((one) => typeof one === 'number'));
  const from = row?.from ? Number(row.from) - DISORDER : first;
  const rest = to - SEARCHED;
  return isSearch && rest > from
    ? { from: String(rest), to: String(to), rest: executionId(rest) }
    : { from: String(from), to: String(to), rest: undefined };
}

/** The first id that was requested at a time or later, found in a few steps: ids are given in the order of time. */
export function idAt(sql: Connected['sql'], time: number | undefined) {
  if (time === undefined) return sql`NULL`;
  return sql`(
    WITH RECURSIVE halves (low, high) AS (
      SELECT COALESCE(min(id), 0), COALESCE(max(id), 0) + 1 FROM execution
      UNION ALL
      SELECT CASE WHEN e.is_earlier THEN m.id + 1 ELSE h.low END,
        CASE WHEN e.is_earlier THEN h.high ELSE m.id END
      FROM halves AS h, LATERAL (SELECT (h.low + h.high) / 2 AS id) AS m,
        LATERAL (
          SELECT created < to_timestamp(${time / 1000}::float8) AS is_earlier
          FROM execution WHERE id >= m.id ORDER BY id LIMIT 1) AS e
      WHERE h.low < h.high
    ) SELECT max(low) FROM halves)`;
}

function conditionsOf(sql: Caller['sql'], filter: ExecutionFilter, { from, to }: Bounds) {
  const { actionRef, packRef, worker, requestedBy, parent, createdAfter, createdBefore, text } = filter;
  const time = (at: number) => sql`to_timestamp(${at / 1000}::float8)`;
  const all = [
    actionRef !== undefined && sql`AND action_ref = ${actionRef}`,
    packRef !== undefined && sql`AND starts_with(action_ref, ${`${packRef}.`})`,
    worker !== undefined && sql`AND worker = ${worker}`,
    parent !== undefined && sql`AND requested_by = ${`execution ${parent}`} AND requested_by LIKE 'execution %'`,
    requestedBy !== undefined &&
      sql`AND (requested_by = ${requestedBy}
        OR requested_by IN (SELECT t.id::text FROM api_token AS t WHERE t.name = ${requestedBy}))`,
    within(sql, filter.confinedTo, 'action_ref'),
    text !== undefined && sql`AND (strpos(lower(action_ref), lower(${text})) > 0 OR id::text = ${text})`,
    createdAfter !== undefined && sql`AND created >= ${time(createdAfter)}`,
    createdBefore !== undefined && sql`AND created < ${time(createdBefore)}`,
    from !== undefined && sql`AND id >= ${from}`,
    to !== undefined && sql`AND id < ${to}`,
  ].filter((one) => one !== false);
  return all.reduce((text, one) => sql`${text} ${one}`, sql``);
}
