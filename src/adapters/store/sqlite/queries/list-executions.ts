import { type ExecutionRow, readView, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionFilter, ExecutionView } from '#domain/client-store.ts';

export function listExecutions(sqlite: Sqlite, filter: ExecutionFilter): readonly ExecutionView[] {
  const { statuses, actionRef, worker, before, limit } = filter;
  const conditions: (readonly [string, readonly (string | number)[]])[] = [
    ...(statuses === undefined ? [] : [[`status IN (${statuses.map(() => '?').join(', ')})`, statuses] as const]),
    ...(actionRef === undefined ? [] : [['action_ref = ?', [actionRef]] as const]),
    ...(worker === undefined ? [] : [['worker = ?', [worker]] as const]),
    ...(before === undefined ? [] : [['id < ?', [before]] as const]),
  ];
  const where = conditions.map(([text]) => text).join(' AND ') || 'true';
  return viewsOf(sqlite, `${where} ORDER BY id DESC LIMIT ?`, [...conditions.flatMap(([, values]) => values), limit]);
}

export function viewsOf(
  { database }: Sqlite,
  condition: string,
  values: readonly (string | number)[],
): readonly ExecutionView[] {
  type Row = ExecutionRow & { [column in 'config' | 'result' | 'param_schema']: string | null };
  const rows = database
    .query<Row, (string | number)[]>(`SELECT ${VIEW_COLUMNS} FROM execution WHERE ${condition}`)
    .all(...values);
  return rows.map((row) =>
    readView({
      ...row,
      config: parsed(row.config),
      result: parsed(row.result),
      param_schema: parsed(row.param_schema),
    }),
  );
}
