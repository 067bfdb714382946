import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ExecutionView } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { viewsOf } from './list-executions.ts';

export function readExecution(sqlite: Sqlite, execution: ExecutionId): ExecutionView | undefined {
  return viewsOf(sqlite, 'id = ?', [execution])[0];
}
