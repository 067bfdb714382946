import { type TextRow, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { viewOf } from './list-executions.ts';

export function readExecution({ database }: Sqlite, execution: ExecutionId): ExecutionView | undefined {
  const row = database.query<TextRow, [string]>(`SELECT ${VIEW_COLUMNS} FROM execution WHERE id = ?`).get(execution);
  return row ? viewOf(row) : undefined;
}
