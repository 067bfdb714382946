import { LEAN_COLUMNS, readView, type TextRow, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
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

type Condition = readonly [text: string, values: readonly (string | number)[]];

function conditionsOf(filter: ExecutionFilter, rest: number | undefined): readonly Condition[] {
  const { statuses, actionRef, packRef, worker, requestedBy, parent, text } = filter;
  const one = (condition: string, ...values: readonly (string | number | undefined)[]): readonly Condition[] => {
    const given = values.filter((value) => value !== undefined);
    return given.length === 0 ? [] : [[condition, given]];
  };
  return [
    ...(statuses === undefined ? [] : [[`status IN (${statuses.map(() => '?').join(', ')})`, statuses] as const]),
    ...one('action_ref = ?', actionRef),
    ...one("substr(action_ref, 1, length(?) + 1) = ? || '.'", packRef, packRef),
    ...one('worker = ?', worker),
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

/** Where a search goes on, for which there is no index; undefined: nothing older is there, or it is no search. */
function restOf({ database }: Sqlite, filter: ExecutionFilter): number | undefined {
  const { text, requestedBy, createdAfter, createdBefore, packRef, before } = filter;
  if ([text, requestedBy, createdAfter, createdBefore, packRef].every((one) => one === undefined)) return undefined;
  const row = database
    .query<{ first: number | null; newest: number | null }, []>(
      'SELECT min(id) AS first, max(id) AS newest FROM execution',
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
