import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { executionId } from '#domain/ids.ts';
import type { Recovered } from '#domain/schedule-store.ts';

/** A row that tells either of a recovered execution or of a message about one. */
export interface RecoveredRow {
  readonly execution: string | null;
  readonly status: ExecutionStatus | null;
  readonly reason: string | null;
  readonly outbox: OutboxRow | null;
}

export function readRecovered(rows: readonly RecoveredRow[]): Recovered {
  return {
    executions: rows.flatMap(({ execution, status, reason }) =>
      execution === null || status === null
        ? []
        : [{ execution: executionId(execution), status, reason: reason ?? '' }],
    ),
    messages: rows.flatMap(({ outbox }) => (outbox === null ? [] : [readOutbox(outbox)])),
  };
}
