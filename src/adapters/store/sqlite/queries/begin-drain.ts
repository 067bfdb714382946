import { type ExecutionColumns, requestAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Messages } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';

export function beginDrain(sqlite: Sqlite, { worker, instance }: WorkerSession): Messages {
  const { changes } = sqlite.database
    .query(`UPDATE worker SET status = 'inactive', draining = 1 WHERE id = ? AND instance = ?`)
    .run(worker, instance);
  if (changes === 0) return { messages: [] };
  const waiting = sqlite.database
    .query<ExecutionColumns, [string]>(
      `SELECT id, action, action_ref, status FROM execution WHERE worker = ? AND status = 'scheduled'`,
    )
    .all(worker);
  return { messages: waiting.flatMap((row) => requestAgain(sqlite, row, {})) };
}
