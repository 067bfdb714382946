import { MOST_COUNTED, MOST_MEASURED, MOST_MESSAGES_COUNTED } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Figures } from '#domain/admin-store.ts';
import { ACTIVE_STATUSES, type ExecutionStatus, FINAL_STATUSES } from '#domain/execution-status.ts';
import { oldestWaitingSeconds } from './oldest-waiting.ts';

/** The statuses of what has started and may be among the newest of its kind. */
const STARTED = ['running', 'completed', 'failed', 'timeout'] as const;

/**
 * Reads the figures at a cost that has a bound: whatever can be many is counted as it happens, or up to so many. The
 * times of executions with large parameters or results are left out.
 */
export function measure(sqlite: Sqlite): Figures {
  const { database } = sqlite;
  const count = (sql: string, ...values: (string | number)[]): number =>
    database.query<{ n: number }, (string | number)[]>(sql).get(...values)?.n ?? 0;
  const counter = (name: string): number => count('SELECT value AS n FROM counter WHERE name = ?', name);
  const active = (status: ExecutionStatus): number =>
    count('SELECT count(*) AS n FROM (SELECT 1 FROM execution WHERE status = ? LIMIT ?)', status, MOST_COUNTED);
  const waiting = (table: string): number =>
    count(`SELECT count(*) AS n FROM (SELECT 1 FROM ${table} LIMIT ?)`, MOST_MESSAGES_COUNTED);
  const newest = database
    .query<{ claim: number | null; run: number | null }, [number]>(`
      SELECT (started_at - dispatched_at) / 1000.0 AS claim,
        CASE WHEN status <> 'running' THEN (updated - started_at) / 1000.0 END AS run
      FROM (${STARTED.map(newestOf).join(' UNION ALL ')}) WHERE started_at IS NOT NULL ORDER BY id DESC LIMIT ?1`)
    .all(MOST_MEASURED);
  return {
    executions: [
      ...ACTIVE_STATUSES.map((status) => ({ status, count: active(status) })),
      ...FINAL_STATUSES.map((status) => ({ status, count: counter(status) })),
    ].filter((one) => one.count > 0),
    oldestWaitingSeconds: oldestWaitingSeconds(sqlite),
    newestClaimSeconds: newest.flatMap(({ claim }) => (claim === null || claim < 0 ? [] : [claim])),
    newestRunSeconds: newest.flatMap(({ run }) => run ?? []),
    unpublishedMessages: waiting('outbox'),
    deadLetters: waiting('dead_letter'),
    workers: count('SELECT count(*) AS n FROM worker'),
    logBytes: counter('log'),
  };
}

/** Bytes of parameters and results before the times of an execution: SQLite goes through them to read those. */
const MOST_BEFORE = 16 * 1024;

function newestOf(status: string): string {
  const isSmall = `COALESCE(octet_length(config), 0) + COALESCE(octet_length(result), 0) <= ${MOST_BEFORE}`;
  const times = ['started_at', 'dispatched_at', 'updated'].map((one) => `IIF(${isSmall}, ${one}, NULL) AS ${one}`);
  return `SELECT * FROM (SELECT id, status, ${times.join()} FROM execution
    WHERE status = '${status}' ORDER BY id DESC LIMIT ?1)`;
}
