import { requestScheduledAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Messages } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';

export function beginDrain(sqlite: Sqlite, { worker, instance }: WorkerSession): Messages {
  const { changes } = sqlite.database
    .query(`UPDATE worker SET status = 'inactive', draining = 1 WHERE id = ? AND instance = ?`)
    .run(worker, instance);
  return { messages: changes === 0 ? [] : requestScheduledAgain(sqlite, worker) };
}
