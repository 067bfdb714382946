import { type ExecutionRow, readView, VIEW_COLUMNS } from '#adapters/store/execution-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function readExecution({ sql }: Caller, execution: ExecutionId): Promise<ExecutionView | undefined> {
  const [row] = await sql<ExecutionRow[]>`
    SELECT ${sql.unsafe(VIEW_COLUMNS)} FROM execution WHERE id = ${execution}`;
  return row && readView(row);
}
