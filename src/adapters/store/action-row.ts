import { join, relative } from 'node:path';
import type { Action } from '#domain/action.ts';
import type { ActionView } from '#domain/client-store.ts';
import { isRecord } from '#domain/record.ts';

/**
 * An action as columns; `runtime_…` are its runtime's. The entry point is kept relative, because packs lie elsewhere on
 * each worker.
 */
export function actionRow(action: Action) {
  return {
    ref: action.ref,
    pack_ref: action.pack.ref,
    label: action.label,
    description: action.description ?? null,
    entrypoint: relative(join(action.pack.directory, 'actions'), action.entryPoint),
    runtime_ref: action.runtime.ref,
    runtime_name: action.runtime.name,
    runtime_version_constraint: action.runtimeVersion ?? null,
    param_schema: action.parameterSchema ?? null,
    out_schema: action.outputSchema ?? null,
    parameter_delivery: action.parameterDelivery,
    parameter_format: action.parameterFormat,
    output_format: action.outputFormat,
    timeout_seconds: action.timeoutSeconds === undefined ? null : Math.ceil(action.timeoutSeconds),
    max_retries: action.maxRetries ?? null,
    priority: action.priority,
    required_worker_runtimes: action.requiredRuntimes,
    worker_selector: action.workerSelector,
    worker_tolerations: action.workerTolerations,
    worker_affinity: action.workerAffinity,
    api_scopes: action.apiScopes,
    env_vars: action.requestVariables,
  };
}

export interface ActionColumns {
  readonly ref: string;
  readonly label: string;
  readonly description: string | null;
  readonly pack_ref: string;
  readonly runtime: string | null;
  readonly runtime_version_constraint: string | null;
  readonly param_schema: unknown;
  readonly env_vars: unknown;
}

export function readActionView(row: ActionColumns): ActionView {
  return {
    actionRef: row.ref,
    label: row.label,
    description: row.description ?? undefined,
    packRef: row.pack_ref,
    runtime: row.runtime ?? undefined,
    runtimeVersion: row.runtime_version_constraint ?? undefined,
    parameterSchema: isRecord(row.param_schema) ? row.param_schema : undefined,
    requestVariables: Array.isArray(row.env_vars) ? row.env_vars.filter((one) => typeof one === 'string') : [],
  };
}
