import type { ExecutionStatus } from '#domain/execution-status.ts';
import type { WorkerId } from '#domain/ids.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import { isRecord } from '#domain/record.ts';
import { enqueueChangeMessages } from './enqueue-messages.ts';
import type { Sqlite } from './open.ts';

export interface ExecutionColumns {
  readonly id: number;
  readonly action: number | null;
  readonly action_ref: string;
  readonly status: ExecutionStatus;
}

/** Ends an execution with its result and enqueues the messages about it. */
export function finish(
  sqlite: Sqlite,
  row: ExecutionColumns,
  end: { readonly status: ExecutionStatus; readonly result: unknown },
): readonly OutboxMessage[] {
  sqlite.database
    .query('UPDATE execution SET status = ?, result = ?, updated = ? WHERE id = ?')
    .run(end.status, JSON.stringify(end.result ?? null), sqlite.now(), row.id);
  return enqueueChangeMessages(sqlite, { ...row, previous: row.status, ...end });
}

/** Gives an execution back to the scheduler: as a retry if there is a reason and the way back is not free. */
export function requestAgain(
  sqlite: Sqlite,
  row: ExecutionColumns,
  { delayMs = 0, reason, isFree = reason === undefined, result }: Returned,
): readonly OutboxMessage[] {
  const now = sqlite.now();
  sqlite.database
    .query(`
      UPDATE execution_attempt SET ended_at = ?1, reason = ?2, prepared_ms = ?4, ran_ms = ?5,
        dispatched_at = (SELECT e.dispatched_at FROM execution e WHERE e.id = ?3)
      WHERE execution = ?3 AND attempt = (SELECT COALESCE(e.attempt, 0) FROM execution e WHERE e.id = ?3)`)
    .run(now, reason ?? null, row.id, ...measuredIn(result));
  sqlite.database
    .query(`
      UPDATE execution SET status = 'requested', worker = NULL, result = NULL, schedule_after = ?1, updated = ?2,
        retry_count = retry_count + ?5, retry_reason = COALESCE(?3, retry_reason) WHERE id = ?4`)
    .run(now + delayMs, now, reason ?? null, row.id, isFree ? 0 : 1);
  return enqueueChangeMessages(sqlite, { ...row, previous: row.status, status: 'requested', result: null });
}

interface Returned {
  readonly delayMs?: number;
  readonly reason?: string;
  readonly isFree?: boolean | undefined;
  /** What its worker has reported of the attempt. */
  readonly result?: unknown;
}

/** How long the attempt took to be ready, and its process ran. */
function measuredIn(result: unknown): readonly [prepared: number | null, ran: number | null] {
  const { prepared_ms: prepared, duration_ms: ran } = isRecord(result) ? result : {};
  const durationOf = (value: unknown): number | null => (typeof value === 'number' ? Math.max(0, value) : null);
  return [durationOf(prepared), durationOf(ran)];
}

/** Gives back what was scheduled for a worker and not claimed. */
export function requestScheduledAgain(sqlite: Sqlite, worker: WorkerId): readonly OutboxMessage[] {
  const waiting = sqlite.database
    .query<ExecutionColumns, [string]>(
      `SELECT id, action, action_ref, status FROM execution WHERE worker = ? AND status = 'scheduled'`,
    )
    .all(worker);
  return waiting.flatMap((row) => requestAgain(sqlite, row, {}));
}
