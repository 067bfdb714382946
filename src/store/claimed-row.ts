import { executionId } from '#domain/ids.ts';
import { isRecord } from '#domain/record.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/store.ts';

/** A claimed execution with its action's columns, as both databases select it. */
export interface ClaimedRow {
  readonly id: string | number;
  readonly attempt: number;
  readonly action_ref: string;
  readonly config: unknown;
  readonly env_vars: unknown;
  readonly timeout_seconds: number | null;
  readonly retry_count: number;
  readonly max_retries: number | null;
  readonly pack_ref: string | null;
  readonly entrypoint: string | null;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly parameter_delivery: ClaimedAction['parameterDelivery'];
  readonly parameter_format: ClaimedAction['parameterFormat'];
  readonly output_format: ClaimedAction['outputFormat'];
  readonly action_timeout_seconds: number | null;
}

export function readClaimed(row: ClaimedRow): ClaimedExecution {
  return {
    execution: executionId(row.id),
    attempt: row.attempt,
    actionRef: row.action_ref,
    parameters: isRecord(row.config) ? row.config : {},
    envVars: textsOf(row.env_vars),
    timeoutSeconds: row.timeout_seconds ?? undefined,
    retryCount: row.retry_count,
    maxRetries: row.max_retries ?? undefined,
    action: actionOf(row),
  };
}

function actionOf(row: ClaimedRow): ClaimedAction | undefined {
  if (row.pack_ref === null || row.entrypoint === null) return undefined;
  return {
    packRef: row.pack_ref,
    entryPoint: row.entrypoint,
    runtime: row.runtime ?? undefined,
    versionConstraint: row.runtime_version_constraint ?? undefined,
    parameterDelivery: row.parameter_delivery,
    parameterFormat: row.parameter_format,
    outputFormat: row.output_format,
    timeoutSeconds: row.action_timeout_seconds ?? undefined,
  };
}

/** Variables are text; whatever else a row holds becomes JSON. */
function textsOf(column: unknown): Readonly<Record<string, string>> {
  if (!isRecord(column)) return {};
  const pairs = Object.entries(column).filter(([, value]) => value !== null);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
