import { filesOf } from '#adapters/store/artifact-row.ts';
import { storableJson } from '#adapters/store/json.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { secretRowsOf } from '#adapters/store/secret-row.ts';
import type { Settled, Settlement } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';

import { finishSharedFiles } from './shared-files.ts';

interface Row {
  readonly accepted: string | null;
  readonly outbox: OutboxRow | null;
}

/** Settles claims, and stores the artifacts of the accepted ones in the same transaction. */
export async function settle(caller: Caller, settlements: readonly Settlement[]): Promise<Settled> {
  const { sql, owner, cipher } = caller;
  const problem = await finishSharedFiles(
    caller,
    settlements.filter((one) => one.isJoined),
  );
  const secrets = settlements.flatMap((one) => secretRowsOf(one, cipher));
  const files = settlements.flatMap((one) =>
    filesOf(one).map((file) => ({ execution: one.execution, attempt: one.attempt, ...file })),
  );
  const ends = storableJson(settlements.map((one) => rowOf(one, problem)));
  const rows = await sql<Row[]>`
    SELECT accepted, outbox FROM agent_settle(${owner ?? null}, ${ends}::text::json,
      ${storableJson(secrets)}::text::json, ${files.length === 0 ? null : storableJson(files)}::text::json)`;
  return {
    accepted: rows.flatMap((row) => (row.accepted === null ? [] : [executionId(row.accepted)])),
    messages: rows.flatMap((row) => (row.outbox === null ? [] : [readOutbox(row.outbox)])),
  };
}

function rowOf({ execution, attempt, worker, instance, verdict, isJoined }: Settlement, problem: string | undefined) {
  const hasProblem = isJoined && problem !== undefined && isRecord(verdict.result);
  const result = hasProblem ? { ...Object(verdict.result), artifact_errors: [problem] } : verdict.result;
  const fence = { execution, attempt, worker, instance, result };
  return verdict.kind === 'final'
    ? { ...fence, status: verdict.status }
    : {
        ...fence,
        status: 'requested',
        reason: verdict.reason,
        delay_s: verdict.delayMs / 1000,
        is_free: verdict.isFree ?? false,
      };
}
