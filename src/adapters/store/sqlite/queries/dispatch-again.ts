import { dispatchHints } from '#adapters/store/hints.ts';
import { MOST_DISPATCHED_AGAIN } from '#adapters/store/limits.ts';
import { dispatchRowOf } from '#adapters/store/sqlite/dispatch.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Messages } from '#domain/messages.ts';

export function dispatchAgain(sqlite: Sqlite, olderThanMs: number): Messages {
  const late = sqlite.database
    .query<{ id: number }, [number, number]>(`
      UPDATE execution SET dispatched_at = ? WHERE id IN (
        SELECT id FROM execution WHERE status = 'scheduled' AND worker IS NOT NULL AND dispatched_at < ?
        LIMIT ${MOST_DISPATCHED_AGAIN}
      ) RETURNING id`)
    .all(sqlite.now(), sqlite.now() - olderThanMs);
  return { messages: dispatchHints(late.flatMap(({ id }) => dispatchRowOf(sqlite, id) ?? [])) };
}
