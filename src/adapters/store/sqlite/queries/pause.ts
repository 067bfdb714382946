import { requestScheduledAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Messages } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';

export function pause(sqlite: Sqlite, { worker, instance }: WorkerSession, why: string | undefined): Messages {
  const { changes } = sqlite.database
    .query('UPDATE worker SET paused = ? WHERE id = ? AND instance = ?')
    .run(why ?? null, worker, instance);
  return { messages: changes === 0 || why === undefined ? [] : requestScheduledAgain(sqlite, worker) };
}
