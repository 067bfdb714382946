/** What a round with Attune's Rust control plane leaves behind: rows of its database, and files of its shared directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { executionId } from '#domain/ids.ts';
import { pathOfLog } from '#domain/shared-volume.ts';
import { attemptsOf } from '#test/chaos/attempts.ts';
import type { Observed } from '#test/chaos/history.ts';
import { readHistory, sha256Of } from '#test/chaos/observation.ts';
import { artifactOf, expectedStream, STREAMS } from '#test/chaos/output.ts';

interface Given {
  readonly history: string;
  /** The directory that all share. */
  readonly artifacts: string;
  readonly confirmed: readonly number[];
  readonly messages: NonNullable<Observed['messages']>;
  readonly deafestS: number;
}

interface Row {
  readonly id: string;
  readonly ref: string;
  readonly status: ExecutionStatus;
  /** How often it was claimed. */
  readonly attempts: number;
  readonly result_attempt: number | null;
  readonly error: string | null;
}

export async function observeJoined(sql: postgres.Sql, given: Given): Promise<Observed> {
  const { artifacts, confirmed, messages, deafestS } = given;
  const rows = await sql<Row[]>`
    SELECT id, action_ref AS ref, status,
      (SELECT COALESCE(max(a.attempt), 0) FROM agent_execution_attempt a WHERE a.execution = e.id) AS attempts,
      (result->'data'->>'attempt')::int AS result_attempt, result->>'error' AS error FROM execution e`;
  const lines = readHistory(given.history);
  const attempts = attemptsOf(lines);
  const kept = await keptFiles(sql, artifacts, new Map(rows.map((one) => [Number(one.id), one.attempts])));
  const isKept = new Set(kept.map((one) => one.execution));
  const changes = await sql<{ execution: string; was: ExecutionStatus; is_now: ExecutionStatus }[]>`
    SELECT execution, was, is_now FROM chaos_change WHERE 'scheduling' NOT IN (was, is_now) ORDER BY n`;
  const claims = await sql<{ execution: string; attempt: number; lease: number }[]>`
    SELECT execution, attempt, lease_until AS lease FROM chaos_claim`;
  const [left] = await sql<{ claims: number; outbox: number; chunks: number }[]>`
    SELECT (SELECT count(*)::int FROM agent_execution_claim) AS claims,
      (SELECT count(*)::int FROM agent_outbox) AS outbox, (SELECT count(*)::int FROM chaos_lost_chunk) AS chunks`;
  return {
    ...{ confirmed, lines, messages, deafestS, artifacts: kept },
    executions: rows.map(({ id, ref, status, attempts: attempt, result_attempt, error }) => {
      const execution = Number(id);
      const name = ref.split('.')[1] ?? ref;
      /* What was handed back has to register its file once more, which these actions do not. */
      const action = name === 'keeps' && attempt > 1 && !isKept.has(execution) ? 'often' : name;
      const starts = attempts.get(execution)?.starts ?? [];
      return {
        /* That system counts no attempts, and what is handed back costs no retry: each claim is counted here. */
        ...{ id: execution, action, status, attempt, retryCount: Math.max(attempt - 1, 0) },
        ...{ resultAttempt: result_attempt ?? undefined, error: error ?? undefined },
        logs: STREAMS.flatMap((stream) => logsOf(artifacts, { execution, action, stream, starts })),
      };
    }),
    changes: changes.map((row) => ({ execution: Number(row.execution), from: row.was, to: row.is_now })),
    endedClaims: claims.map((row) => ({
      ...{ execution: Number(row.execution), attempt: row.attempt, leaseUntil: row.lease },
    })),
    lostChunks: left?.chunks ?? 0,
    leftClaims: left?.claims ?? 0,
    leftOutbox: left?.outbox ?? 0,
  };
}

interface Log {
  readonly execution: number;
  readonly action: string;
  readonly stream: (typeof STREAMS)[number];
  readonly starts: readonly number[];
}

/** One file has the logs of all attempts, one after the other: each is as much as it can be of what its attempt writes. */
function logsOf(directory: string, { execution, action, stream, starts }: Log) {
  let left = textOf(join(directory, pathOfLog({ execution: executionId(execution), stream })));
  return starts.map((attempt, n) => {
    const expected = expectedStream(action, { execution, attempt, stream });
    const isLast = n === starts.length - 1;
    const text = isLast || expected === undefined ? left : left.slice(0, commonLength(left, expected));
    left = left.slice(text.length);
    return { attempt, stream, text };
  });
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Every version of a file that an action has left, as it is recorded and as it is. */
async function keptFiles(
  sql: postgres.Sql,
  directory: string,
  attempts: ReadonlyMap<number, number>,
): Promise<Observed['artifacts']> {
  const versions = await sql<{ execution: string; bytes: string | null; path: string }[]>`
    SELECT execution, size_bytes AS bytes, file_path AS path FROM artifact_version WHERE created_by = 'test'`;
  return versions.map((one) => {
    const execution = Number(one.execution);
    const attempt = attempts.get(execution) ?? 0;
    const text = artifactOf(execution, attempt);
    const expected = sha256Of(text);
    const recorded = Number(one.bytes) === text.length ? expected : `${one.bytes} bytes`;
    return { execution, attempt, recorded, kept: sha256Of(textOf(join(directory, one.path))), expected };
  });
}

/** Where a log of a completed execution is no version of its artifact, or another one: one sentence each. */
export async function unregisteredLogs(sql: postgres.Sql, directory: string): Promise<readonly string[]> {
  const versions = await sql<{ execution: string; stream: string; bytes: string | null; path: string }[]>`
    SELECT execution, meta->>'stream' AS stream, size_bytes AS bytes, file_path AS path FROM artifact_version
    WHERE created_by = 'worker'`;
  const byLog = Map.groupBy(versions, (one) => `${one.execution} ${one.stream}`);
  const completed = await sql<{ id: string }[]>`SELECT id FROM execution WHERE status = 'completed'`;
  return completed.flatMap(({ id }) =>
    STREAMS.flatMap((stream) => {
      const text = textOf(join(directory, pathOfLog({ execution: executionId(id), stream })));
      const [version, ...others] = byLog.get(`${id} ${stream}`) ?? [];
      if (text === '' && version === undefined) return [];
      if (!version || others.length > 0)
        return [`${id}: its ${stream} is ${others.length + (version ? 1 : 0)} artifacts`];
      const isWhole = textOf(join(directory, version.path)) === text && Number(version.bytes) === text.length;
      return isWhole ? [] : [`${id}: the artifact of its ${stream} has ${version.bytes} of ${text.length} bytes`];
    }),
  );
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}
