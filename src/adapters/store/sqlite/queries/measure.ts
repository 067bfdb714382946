import { MOST_MEASURED } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { FINAL } from '#adapters/store/status-lists.ts';
import type { Figures } from '#domain/admin-store.ts';

export function measure({ database }: Sqlite): Figures {
  const count = (sql: string): number => database.query<{ n: number }, []>(sql).get()?.n ?? 0;
  const newest = database
    .query<{ claim: number | null; run: number | null }, [number]>(`
      SELECT (started_at - dispatched_at) / 1000.0 AS claim,
        CASE WHEN status IN ${FINAL} THEN (updated - started_at) / 1000.0 END AS run
      FROM execution WHERE started_at IS NOT NULL ORDER BY id DESC LIMIT ?`)
    .all(MOST_MEASURED);
  return {
    executions: database
      .query<Figures['executions'][number], []>('SELECT status, count(*) AS count FROM execution GROUP BY status')
      .all(),
    newestClaimSeconds: newest.flatMap(({ claim }) => (claim === null || claim < 0 ? [] : [claim])),
    newestRunSeconds: newest.flatMap(({ run }) => run ?? []),
    unpublishedMessages: count('SELECT count(*) AS n FROM outbox'),
    deadLetters: count('SELECT count(*) AS n FROM dead_letter'),
    logBytes: count('SELECT COALESCE(sum(length(data)), 0) AS n FROM execution_log'),
  };
}
