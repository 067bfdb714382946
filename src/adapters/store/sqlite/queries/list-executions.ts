import { LEAN_COLUMNS, readView, type TextRow, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { type Condition, within } from '#adapters/store/sqlite/within.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';
import { executionId } from '#domain/ids.ts';

/** A search through executions looks at so many ids in one step. */
export const SEARCHED_AT_ONCE = 1000;

/**
 * Lists executions, newest first; of a search one step. The rows are read at once, however large they are: see
 * `measureExecutions`.
 */
export function listExecutions(sqlite: Sqlite, filter: ExecutionFilter): ExecutionList {
  const rest = restOf(sqlite, filter);
  const columns = filter.isLean ? LEAN_COLUMNS : VIEW_COLUMNS;
  const find = (selected: string, conditions: readonly Condition[], limit: number): readonly TextRow[] => {
    const where = conditions.map(([text]) => text).join(' AND ') || 'true';
    return sqlite.database
      .query<TextRow, (string | number)[]>(`SELECT ${selected} FROM execution WHERE ${where} ORDER BY id DESC LIMIT ?`)
      .all(...conditions.flatMap(([, values]) => values), limit);
  };
  const executions = find(columns, conditionsOf(filter, rest), filter.limit).map(viewOf);
  const before = executions.at(-1)?.execution;
  const hasMore = before !== undefined && find('id', conditionsOf({ ...filter, before }, rest), 1).length > 0;
  return hasMore || rest === undefined
    ? { executions, hasMore }
    : { executions, hasMore: true, next: executionId(rest) };
}

/** The bytes of the rows that a list would have, in their order, without reading what is large in them. */
export function measureExecutions(sqlite: Sqlite, filter: ExecutionFilter): readonly number[] {
  const conditions = conditionsOf(filter, restOf(sqlite, filter));
  const schema = '(SELECT octet_length(a.param_schema) FROM action a WHERE a.id = execution.action)';
  return sqlite.database
    .query<{ bytes: number }, (string | number)[]>(`
      SELECT COALESCE(octet_length(config), 0) + COALESCE(octet_length(result), 0)
        + COALESCE(${filter.isLean ? 'NULL' : schema}, 0) AS bytes
      FROM execution WHERE ${conditions.map(([text]) => text).join(' AND ') || 'true'} ORDER BY id DESC LIMIT ?`)
    .all(...conditions.flatMap(([, values]) => values), filter.limit)
    .map(({ bytes }) => bytes);
}

function conditionsOf(filter: ExecutionFilter, rest: number | undefined): readonly Condition[] {
  const { statuses, actionRef, packRef, worker, requestedBy, parent, text } = filter;
  const one = (condition: string, ...values: readonly (string | number | undefined)[]): readonly Condition[] => {
    const given = values.filter((value) => value !== undefined);
    return given.length === 0 ? [] : [[condition, given]];
  };
  const narrow = narrowOf(filter);
  const isNarrowed = rest !== undefined && narrow !== undefined && !isSearch(filter);
  /* The sign keeps SQLite from another index than that of the step. */
  const other = isNarrowed ? '+' : '';
  return [
    ...(isNarrowed ? [narrow] : []),
    ...(statuses === undefined
      ? []
      : [[`${other}status IN (${statuses.map(() => '?').join(', ')})`, statuses] as const]),
    ...one(`${other}action_ref = ?`, actionRef),
    ...one("substr(action_ref, 1, length(?) + 1) = ? || '.'", packRef, packRef),
    ...one(`${other}worker = ?`, worker),
    ...(filter.confinedTo ? [within(filter.confinedTo, 'action_ref')] : []),
    ...one("requested_by = ? AND requested_by LIKE 'execution %'", parent && `execution ${parent}`),
    ...one(
      '(requested_by = ? OR requested_by IN (SELECT CAST(id AS TEXT) FROM api_token WHERE name = ?))',
      requestedBy,
      requestedBy,
    ),
    ...one('(instr(lower(action_ref), lower(?)) > 0 OR CAST(id AS TEXT) = ?)', text, text),
    ...one('created >= ?', filter.createdAfter),
    ...one('created < ?', filter.createdBefore),
    ...one('id < ?', filter.before),
    ...one('id >= ?', rest),
  ];
}

/** Tells whether a search looks at all executions, since no index narrows it. */
export function isSearch(filter: ExecutionFilter): boolean {
  const { text, requestedBy, createdAfter, createdBefore, packRef, confinedTo } = filter;
  return [text, requestedBy, createdAfter, createdBefore, packRef, confinedTo].some((one) => one !== undefined);
}

/** The condition whose index is gone through where several are to be met; undefined: an index answers by itself. */
function narrowOf({ parent, actionRef, worker, statuses }: ExecutionFilter): Condition | undefined {
  const given = [parent, actionRef, worker, statuses].filter((one) => one !== undefined);
  if (given.length < 2) return undefined;
  if (parent !== undefined) return ["requested_by = ? AND requested_by LIKE 'execution %'", [`execution ${parent}`]];
  return actionRef === undefined ? ['worker = ?', [worker ?? '']] : ['action_ref = ?', [actionRef]];
}

/** Where the next step of a list goes on; undefined: nothing older is there, or one step is enough. */
function restOf({ database }: Sqlite, filter: ExecutionFilter): number | undefined {
  const { before } = filter;
  const narrow = narrowOf(filter);
  if (!isSearch(filter)) {
    if (narrow === undefined) return undefined;
    const [condition, values] = narrow;
    return database
      .query<{ id: number }, (string | number)[]>(
        `SELECT id FROM execution WHERE ${condition} AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ${SEARCHED_AT_ONCE}`,
      )
      .get(...values, before ?? Number.MAX_SAFE_INTEGER)?.id;
  }
  const row = database
    .query<{ first: number | null; newest: number | null }, []>(
      /* Two statements, each of which asks an index: of two aggregates in one SQLite reads all rows. */
      'SELECT (SELECT min(id) FROM execution) AS first, (SELECT max(id) FROM execution) AS newest',
    )
    .get();
  const rest = Number(before ?? Number(row?.newest ?? 0) + 1) - SEARCHED_AT_ONCE;
  return rest > Number(row?.first ?? 0) ? rest : undefined;
}

export function viewOf(row: TextRow): ExecutionView {
  return readView({
    ...row,
    config: parsed(row.config),
    result: parsed(row.result),
    param_schema: parsed(row.param_schema),
  });
}
