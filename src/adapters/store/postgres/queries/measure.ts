import { MOST_MEASURED } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { FINAL } from '#adapters/store/status-lists.ts';
import type { Figures } from '#domain/admin-store.ts';

export async function measure({ sql }: Caller): Promise<Figures> {
  const executions = await sql<Figures['executions'][number][]>`
    SELECT status, count(*)::int AS count FROM execution GROUP BY status`;
  const newest = await sql<{ claim: number | null; run: number | null }[]>`
    SELECT extract(epoch FROM started_at - dispatched_at)::float8 AS claim,
      CASE WHEN status IN ${sql.unsafe(FINAL)} THEN extract(epoch FROM updated - started_at)::float8 END AS run
    FROM execution WHERE started_at IS NOT NULL ORDER BY id DESC LIMIT ${MOST_MEASURED}`;
  const [counts] = await sql<{ unpublished: number; dead: number; bytes: number }[]>`
    SELECT (SELECT count(*)::int FROM outbox) AS unpublished, (SELECT count(*)::int FROM dead_letter) AS dead,
      (SELECT COALESCE(sum(pg_total_relation_size(relid)), 0)::float8
        FROM pg_partition_tree('execution_log')) AS bytes`;
  return {
    executions,
    newestClaimSeconds: newest.flatMap(({ claim }) => (claim === null || claim < 0 ? [] : [claim])),
    newestRunSeconds: newest.flatMap(({ run }) => run ?? []),
    unpublishedMessages: counts?.unpublished ?? 0,
    deadLetters: counts?.dead ?? 0,
    logBytes: counts?.bytes ?? 0,
  };
}
