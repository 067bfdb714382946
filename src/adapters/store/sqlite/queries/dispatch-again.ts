import { MOST_DISPATCHED_AGAIN } from '#adapters/store/limits.ts';
import { enqueueDispatch } from '#adapters/store/sqlite/dispatch.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { workerId } from '#domain/ids.ts';
import type { Messages } from '#domain/messages.ts';
import { dispatchKey } from '#domain/messages.ts';

export function dispatchAgain(sqlite: Sqlite, olderThanMs: number): Messages {
  const late = sqlite.database
    .query<{ id: number; worker: number }, [number, number]>(`
      UPDATE execution SET dispatched_at = ? WHERE id IN (
        SELECT id FROM execution WHERE status = 'scheduled' AND worker IS NOT NULL AND dispatched_at < ?
        LIMIT ${MOST_DISPATCHED_AGAIN}
      ) RETURNING id, worker`)
    .all(sqlite.now(), sqlite.now() - olderThanMs);
  return { messages: late.flatMap(({ id, worker }) => enqueueDispatch(sqlite, id, dispatchKey(workerId(worker)))) };
}
