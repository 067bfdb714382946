import type { ExecutionView } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Sqlite } from '#store/sqlite/open.ts';
import { viewsOf } from './list-executions.ts';

export function readExecution(sqlite: Sqlite, execution: ExecutionId): ExecutionView | undefined {
  return viewsOf(sqlite, 'id = ?', [execution])[0];
}
