import {
  cutByBytes,
  type ExecutionRow,
  LEAN_COLUMNS,
  listOf,
  readView,
  VIEW_COLUMNS,
} from '#adapters/store/execution-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';

export function listExecutions(sqlite: Sqlite, filter: ExecutionFilter): ExecutionList {
  const { statuses, actionRef, worker, before, limit, isLean } = filter;
  const conditions: (readonly [string, readonly (string | number)[]])[] = [
    ...(statuses === undefined ? [] : [[`status IN (${statuses.map(() => '?').join(', ')})`, statuses] as const]),
    ...(actionRef === undefined ? [] : [['action_ref = ?', [actionRef]] as const]),
    ...(worker === undefined ? [] : [['worker = ?', [worker]] as const]),
    ...(before === undefined ? [] : [['id < ?', [before]] as const]),
  ];
  const where = conditions.map(([text]) => text).join(' AND ') || 'true';
  const rows = sqlite.database
    .query<Row & { found: number }, (string | number)[]>(`
      WITH wanted AS (
          SELECT ${isLean ? LEAN_COLUMNS : VIEW_COLUMNS} FROM execution WHERE ${where} ORDER BY id DESC LIMIT ?),
        ${cutByBytes((column) => `length(${column})`)}`)
    .all(...conditions.flatMap(([, values]) => values), limit + 1);
  return listOf(rows, limit, viewOf);
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
