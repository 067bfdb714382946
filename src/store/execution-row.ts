import type { ExecutionView } from '#domain/client-store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { ExecutionStatus } from '#domain/status.ts';

export interface ExecutionRow {
  readonly id: string | number;
  readonly action_ref: string;
  readonly status: ExecutionStatus;
  readonly result: unknown;
  readonly worker: string | number | null;
  readonly attempt: number | null;
  readonly retry_count: number;
  readonly retry_reason: string | null;
  readonly started_at: Date | number | null;
  readonly created: Date | number;
  readonly updated: Date | number;
}

export function readView(row: ExecutionRow): ExecutionView {
  return {
    execution: executionId(row.id),
    actionRef: row.action_ref,
    status: row.status,
    result: row.result,
    worker: row.worker === null ? undefined : workerId(row.worker),
    attempt: row.attempt ?? 0,
    retryCount: row.retry_count,
    retryReason: row.retry_reason ?? undefined,
    startedAt: row.started_at === null ? undefined : iso(row.started_at),
    created: iso(row.created),
    updated: iso(row.updated),
  };
}

function iso(time: Date | number): string {
  return new Date(time).toISOString();
}
