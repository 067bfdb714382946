import { MOST_COUNTED, MOST_LANES_MEASURED, MOST_MEASURED, MOST_MESSAGES_COUNTED } from '#adapters/store/limits.ts';
import { NEWEST_FIRST, partsOf } from '#adapters/store/postgres/by-status.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { Figures } from '#domain/admin-store.ts';
import { FINAL_STATUSES } from '#domain/execution-status.ts';

/** The statuses of what has started and may be among the newest of its kind. */
const STARTED = ['running', 'completed', 'failed', 'timeout'] as const;

/** Reads the figures at a cost that has a bound: whatever can be many is counted as it happens, or up to so many. */
export async function measure({ sql }: Caller): Promise<Figures> {
  const executions = await sql<Figures['executions'][number][]>`
    SELECT status, count FROM agent_count_active(${MOST_COUNTED}) WHERE count > 0
    UNION ALL
    SELECT status, ended::float8 FROM unnest(${sql.unsafe(`'{${FINAL_STATUSES.join()}}'`)}::text[]) status,
      pg_sequence_last_value(('attune.execution_ended_' || status)::regclass) AS ended WHERE ended > 0`;
  const newest = await sql<{ claim: number | null; run: number | null }[]>`
    WITH found AS (${sql.unsafe(STARTED.map(newestOf).join(' UNION ALL '))})
    SELECT extract(epoch FROM started_at - dispatched_at)::float8 AS claim,
      CASE WHEN status <> 'running' THEN extract(epoch FROM updated - started_at)::float8 END AS run
    FROM found WHERE started_at IS NOT NULL ORDER BY id DESC LIMIT ${MOST_MEASURED}`;
  const [counts] = await sql<{ oldest: number; unpublished: number; dead: number; workers: number; bytes: number }[]>`
    SELECT agent_oldest_waiting(${MOST_LANES_MEASURED}) AS oldest,
      (SELECT count(*)::int FROM (SELECT FROM outbox ORDER BY id LIMIT ${MOST_MESSAGES_COUNTED}) m) AS unpublished,
      (SELECT count(*)::int FROM (SELECT FROM dead_letter ORDER BY id LIMIT ${MOST_MESSAGES_COUNTED}) d) AS dead,
      (SELECT count(*)::int FROM worker) AS workers,
      (SELECT COALESCE(sum(pg_total_relation_size(relid)), 0)::float8
        FROM pg_partition_tree('execution_log')) AS bytes`;
  return {
    executions,
    oldestWaitingSeconds: counts?.oldest ?? 0,
    newestClaimSeconds: newest.flatMap(({ claim }) => (claim === null || claim < 0 ? [] : [claim])),
    newestRunSeconds: newest.flatMap(({ run }) => run ?? []),
    unpublishedMessages: counts?.unpublished ?? 0,
    deadLetters: counts?.dead ?? 0,
    workers: counts?.workers ?? 0,
    logBytes: counts?.bytes ?? 0,
  };
}

function newestOf(status: (typeof STARTED)[number]): string {
  const found = `SELECT id, status, started_at, dispatched_at, updated FROM execution WHERE`;
  if (status === 'running')
    return `
      (SELECT * FROM (${found} indexed_status = 'assigned' AND status = 'running' OFFSET 0) AS running
      ORDER BY id DESC LIMIT ${MOST_MEASURED})`;
  const parts = partsOf(status).map((part) => `(${found} ${part} ORDER BY ${NEWEST_FIRST} LIMIT ${MOST_MEASURED})`);
  return parts.join(' UNION ALL ');
}
