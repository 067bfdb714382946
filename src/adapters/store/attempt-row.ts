import { workerId } from '#domain/ids.ts';
import type { AttemptView } from '#domain/operator-store.ts';
import { iso } from './execution-row.ts';

/** An execution, as far as its last attempt is noted in it, and the worker of that. */
export interface AttemptedRow {
  readonly attempt: number;
  readonly worker: string | number | null;
  readonly worker_name: string | null;
  readonly dispatched_at: Date | number | null;
  readonly started_at: Date | number | null;
  /** When the last attempt was claimed, where the execution knows. */
  readonly claimed_at?: Date | number | null;
  /** Null: it has not ended. */
  readonly ended: Date | number | null;
  readonly prepared_ms: number | string | null;
  readonly ran_ms: number | string | null;
}

export interface AttemptRow {
  readonly attempt: number;
  readonly worker: string | number;
  readonly worker_name: string | null;
  readonly dispatched_at: Date | number | null;
  readonly claimed_at: Date | number;
  readonly ended_at: Date | number | null;
  readonly reason: string | null;
  readonly prepared_ms: number | null;
  readonly ran_ms: number | null;
}

/** The most attempts of an execution that are listed, the newest: it may be handed back without end. */
export const MOST_ATTEMPTS = 100;

/** The attempts that are noted, and the present one, of which its execution tells. */
export function readAttemptRows(rows: readonly AttemptRow[], one: AttemptedRow): readonly AttemptView[] {
  const earlier = rows.filter(({ attempt, ended_at: end }) => attempt !== one.attempt || end !== null).map(earlierOf);
  const isHandedBack = rows.some(({ attempt, ended_at: end }) => attempt === one.attempt && end !== null);
  if (isHandedBack || (one.dispatched_at === null && rows.length === 0)) return earlier;
  const row = rows.find(({ attempt }) => attempt === one.attempt);
  const claimedAt = row?.claimed_at ?? one.claimed_at ?? (earlier.length === 0 ? one.started_at : null);
  const last: AttemptView = {
    attempt: one.attempt,
    worker: one.worker === null ? undefined : workerId(one.worker),
    workerName: one.worker_name ?? undefined,
    scheduledAt: timeOf(one.dispatched_at),
    claimedAt: timeOf(claimedAt),
    endedAt: timeOf(one.ended),
    preparedMs: numberOf(one.prepared_ms),
    ranMs: numberOf(one.ran_ms),
    reason: undefined,
  };
  return [...earlier, last];
}

function earlierOf(row: AttemptRow): AttemptView {
  return {
    attempt: row.attempt,
    worker: workerId(row.worker),
    workerName: row.worker_name ?? undefined,
    scheduledAt: timeOf(row.dispatched_at),
    claimedAt: timeOf(row.claimed_at),
    endedAt: timeOf(row.ended_at),
    preparedMs: numberOf(row.prepared_ms),
    ranMs: numberOf(row.ran_ms),
    reason: row.reason ?? undefined,
  };
}

function timeOf(time: Date | number | null): string | undefined {
  return time === null ? undefined : iso(time);
}

function numberOf(value: number | string | null): number | undefined {
  return value === null ? undefined : Number(value);
}
