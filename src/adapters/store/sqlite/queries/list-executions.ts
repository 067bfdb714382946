import {
  cutByBytes,
  type ExecutionRow,
  LEAN_COLUMNS,
  listOf,
  readView,
  SEARCHED,
  VIEW_COLUMNS,
} from '#adapters/store/execution-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';
import { executionId } from '#domain/ids.ts';

export function listExecutions(sqlite: Sqlite, filter: ExecutionFilter): ExecutionList {
  const { limit, isLean } = filter;
  const rest = restOf(sqlite, filter);
  const conditions = [...conditionsOf(filter), ...(rest === undefined ? [] : [['id >= ?', [rest]] as const])];
  const where = conditions.map(([text]) => text).join(' AND ') || 'true';
  const rows = sqlite.database
    .query<Row & { found: number }, (string | number)[]>(`
      WITH wanted AS (
          SELECT ${isLean ? LEAN_COLUMNS : VIEW_COLUMNS} FROM execution WHERE ${where} ORDER BY id DESC LIMIT ?),
        ${cutByBytes((column) => `length(${column})`)}`)
    .all(...conditions.flatMap(([, values]) => values), limit + 1);
  const list = listOf(rows, limit, viewOf);
  return list.hasMore || rest === undefined ? list : { ...list, hasMore: true, next: executionId(rest) };
}

type Condition = readonly [text: string, values: readonly (string | number)[]];

function conditionsOf(filter: ExecutionFilter): readonly Condition[] {
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
  ];
}

/** Where a search goes on, for which there is no index; undefined: nothing older is there, or it is no search. */
function restOf(
  { database }: Sqlite,
  { text, requestedBy, createdAfter, before }: ExecutionFilter,
): number | undefined {
  if (text === undefined && requestedBy === undefined && createdAfter === undefined) return undefined;
  const row = database
    .query<{ first: number | null; newest: number | null }, []>(
      'SELECT min(id) AS first, max(id) AS newest FROM execution',
    )
    .get();
  const rest = Number(before ?? Number(row?.newest ?? 0) + 1) - SEARCHED;
  return rest > Number(row?.first ?? 0) ? rest : undefined;
}

export type Row = ExecutionRow & { [column in 'config' | 'result' | 'param_schema']: string | null };

export function viewOf(row: Row): ExecutionView {
  return readView({
    ...row,
    config: parsed(row.config),
    result: parsed(row.result),
    param_schema: parsed(row.param_schema),
  });
}
