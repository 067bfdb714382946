import { filesOf } from '#adapters/store/artifact-row.ts';
import { settledHints } from '#adapters/store/hints.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { hasSecrets, secretRowsOf } from '#adapters/store/secret-row.ts';
import type { Settled, Settlement } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';
import { storableJson } from '#formats/storable.ts';

import { finishSharedFiles } from './shared-files.ts';

interface Row {
  readonly accepted: string | null;
  readonly outbox: OutboxRow | null;
}

/** Settles claims, and stores the artifacts of the accepted ones in the same transaction. */
export async function settle(caller: Caller, settlements: readonly Settlement[]): Promise<Settled> {
  const { sql, owner } = caller;
  const problem = await finishSharedFiles(
    caller,
    settlements.filter((one) => one.isJoined),
  );
  const secrets = await encryptSecrets(caller, settlements.filter(hasSecrets));
  const files = settlements.flatMap((one) =>
    filesOf(one).map((file) => ({ execution: one.execution, attempt: one.attempt, ...file })),
  );
  const ends = storableJson(settlements.map((one) => rowOf(one, problem)));
  const rows = await sql<Row[]>`
    SELECT accepted, outbox FROM agent_settle(${owner ?? null}, ${ends}::text::json,
      ${storableJson(secrets)}::text::json, ${files.length === 0 ? null : storableJson(files)}::text::json,
      quiet => true)`;
  const accepted = rows.flatMap((row) => (row.accepted === null ? [] : [executionId(row.accepted)]));
  const messages = rows.flatMap((row) => (row.outbox === null ? [] : [readOutbox(row.outbox)]));
  return { accepted, messages: messages.length > 0 ? messages : settledHints(settlements, accepted) };
}

async function encryptSecrets(
  caller: Caller,
  settlements: readonly Settlement[],
): Promise<ReturnType<typeof secretRowsOf>> {
  const ciphers = settlements.map((one) => (one.isJoined ? caller.ciphers?.joined : ownCipher(caller)));
  const ready = await Promise.all(ciphers);
  return settlements.flatMap((one, n) => secretRowsOf(one, ready[n]));
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
