import type { ExecutionStatus } from '#domain/execution-status.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import { executionId, workerId } from '#domain/ids.ts';
import { parseInTurns } from '#formats/json-in-turns.ts';

/* The operator is that of PostgreSQL and of SQLite alike. */
const SMALL_COLUMNS =
  'id, action_ref, status, attempt, retry_count, retry_reason, original_execution, ' +
  "started_at, created, updated, inline_runtime, requested_by, priority, result ->> 'duration_ms' AS duration_ms, " +
  '(SELECT w.id FROM worker w WHERE w.id = execution.worker) AS worker, ' +
  '(SELECT w.name FROM worker w WHERE w.id = execution.worker) AS worker_name, ' +
  /* The id of a token is a number; whoever is none has no name but that. */
  "(SELECT t.name FROM api_token t WHERE t.id = CASE trim(requested_by, '0123456789') WHEN '' " +
  "THEN CAST(NULLIF(requested_by, '') AS BIGINT) END) AS requester_name, " +
  '(SELECT a.id FROM action a WHERE a.id = execution.action) AS action';

const SCHEMA = '(SELECT a.param_schema FROM action a WHERE a.id = execution.action)';

/** The columns of `TextRow`. */
export const VIEW_COLUMNS = `${SMALL_COLUMNS}, config, result, ${SCHEMA} AS param_schema`;

/** The columns of `TextRow` in PostgreSQL, whose driver would read JSON in one step, however large it is. */
export const TEXT_COLUMNS =
  `${SMALL_COLUMNS}, config::text AS config, result::text AS result, ` + `${SCHEMA}::text AS param_schema`;

/** The columns of `TextRow`, of which those that may be large are null. */
export const LEAN_COLUMNS = `${SMALL_COLUMNS}, NULL AS config, NULL AS result, NULL AS param_schema`;

/** Bytes of parameters and results in one list, which are read and written at once; one execution may have more. */
export const LIST_BYTES = 256 * 1024;

/**
 * The executions of these ids in PostgreSQL, newest first, until what is stored of them is large together: as much of
 * each is unpacked and written as text, to be measured, and of those behind there may be hundreds of a megabyte. What
 * is packed has up to a hundred times as many bytes.
 */
export function untilLarge(): readonly [before: string, after: string] {
  const stored = ['config', 'result'].map((one) => `COALESCE(pg_column_size(${one}), 0)`).join(' + ');
  return [
    `(SELECT *, COUNT(*) OVER () AS found, SUM(${stored}) OVER (
      ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS stored_before
    FROM execution WHERE id IN (`,
    `)) AS execution WHERE stored_before IS NULL OR stored_before <= ${LIST_BYTES}`,
  ];
}

/** The end of a query of PostgreSQL that lists the rows of `wanted`, newest first, until they are large together. */
export function cutByBytes(): string {
  const size = ['config', 'result', 'param_schema'].map((one) => `COALESCE(octet_length(${one}), 0)`).join(' + ');
  return `sized AS (SELECT *, ${size} AS size FROM wanted),
    listed AS (
      SELECT *, COALESCE(SUM(size) OVER (
        ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
      FROM sized
    )
    SELECT * FROM listed WHERE bytes_before = 0 OR bytes_before + size <= ${LIST_BYTES} ORDER BY id DESC`;
}

export interface ExecutionRow {
  readonly id: string | number;
  readonly action_ref: string;
  readonly inline_runtime: string | null;
  readonly status: ExecutionStatus;
  readonly config: unknown;
  readonly result: unknown;
  readonly worker: string | number | null;
  readonly worker_name: string | null;
  readonly requester_name: string | null;
  readonly attempt: number | null;
  readonly priority: number;
  readonly retry_count: number;
  readonly retry_reason: string | null;
  readonly original_execution: string | number | null;
  readonly duration_ms: string | number | null;
  readonly started_at: Date | number | null;
  readonly created: Date | number;
  readonly updated: Date | number;
  readonly action: string | number | null;
  readonly requested_by: string | null;
  readonly param_schema: unknown;
}

/** A search through executions looks at so many ids for one page: it goes on from there with the next one. */
export const SEARCHED = 50_000;

/** A row whose JSON has not been read. */
export type TextRow = ExecutionRow & { readonly [column in 'config' | 'result' | 'param_schema']: string | null };

/** Reads a row, however large, with turns for others. */
export async function readTextRow(row: TextRow): Promise<ExecutionView> {
  const read = async (text: string | null): Promise<unknown> => (text === null ? null : await parseInTurns(text));
  const [config, result, schema] = [await read(row.config), await read(row.result), await read(row.param_schema)];
  return readView({ ...row, config, result, param_schema: schema });
}

export function readView(row: ExecutionRow): ExecutionView {
  return {
    execution: executionId(row.id),
    actionRef: row.action_ref,
    status: row.status,
    isAdhoc: row.inline_runtime !== null,
    parameters: row.config ?? {},
    result: row.result,
    worker: row.worker === null ? undefined : workerId(row.worker),
    workerName: row.worker_name ?? undefined,
    attempt: row.attempt ?? 0,
    priority: row.priority,
    retryCount: row.retry_count,
    retryReason: row.retry_reason ?? undefined,
    original: row.original_execution === null ? undefined : executionId(row.original_execution),
    startedAt: row.started_at === null ? undefined : iso(row.started_at),
    durationMs: row.duration_ms === null ? undefined : Number(row.duration_ms),
    created: iso(row.created),
    updated: iso(row.updated),
    isActionGone: row.action === null && row.inline_runtime === null,
    requestedBy: row.requested_by ?? undefined,
    requesterName: row.requester_name ?? undefined,
    parameterSchema: row.param_schema ?? undefined,
  };
}

/** Writes a time as ISO 8601 in UTC. */
export function iso(time: Date | number): string {
  return new Date(time).toISOString();
}
