import { readTextRow, TEXT_COLUMNS, type TextRow } from '#adapters/store/execution-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import type { ExecutionId } from '#domain/ids.ts';

export async function readExecution({ sql }: Caller, execution: ExecutionId): Promise<ExecutionView | undefined> {
  const [row] = await sql<TextRow[]>`
    SELECT ${sql.unsafe(TEXT_COLUMNS)} FROM execution WHERE id = ${execution}`;
  return row && (await readTextRow(row));
}
