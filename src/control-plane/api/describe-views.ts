import type { TokenHolder } from '#domain/admin-store.ts';
import type { ArtifactView } from '#domain/artifact.ts';
import type { ActionView, WorkerView } from '#domain/client-store.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import { shownParameters } from '#packs/secret-output.ts';
import type { Artifact } from '#wire/artifacts.ts';
import type { Execution, ExecutionField, ListedExecution } from '#wire/executions.ts';
import type { Action } from '#wire/packs.ts';
import type { Worker } from '#wire/workers.ts';
import { allows } from './auth.ts';

/** An execution as the API shows it to a caller: its secrets never, its data only with the scope `read`. */
export function describeExecution(view: ExecutionView, caller: TokenHolder): Execution {
  const hidden = {
    ...{ parameters: null, result: null, retry_reason: null },
    ...{ worker: null, worker_name: null, requested_by: null, parent: null },
  };
  const whole = describeWhole(view);
  return allows(caller, 'read') ? whole : { ...whole, ...hidden };
}

/** An execution as a list shows it: its id and some fields. */
export function describeListed(
  view: ExecutionView,
  caller: TokenHolder,
  fields: readonly ExecutionField[],
): ListedExecution {
  const whole = describeExecution(view, caller);
  return { ...Object.fromEntries(fields.map((name) => [name, whole[name]])), id: whole.id };
}

function describeWhole(view: ExecutionView): Execution {
  return {
    id: Number(view.execution),
    action_ref: view.actionRef,
    status: view.status,
    is_adhoc: view.isAdhoc,
    parameters: shownParameters(view),
    result: view.result ?? null,
    worker: view.worker === undefined ? null : Number(view.worker),
    worker_name: view.workerName ?? null,
    ...requesterAsShown(view),
    attempt: view.attempt,
    priority: view.priority,
    retry_count: view.retryCount,
    retry_reason: view.retryReason ?? null,
    original_execution: view.original === undefined ? null : Number(view.original),
    started_at: view.startedAt ?? null,
    duration_ms: view.durationMs ?? null,
    created: view.created,
    updated: view.updated,
  };
}

function requesterAsShown({ requestedBy, requesterName }: ExecutionView): Pick<Execution, 'requested_by' | 'parent'> {
  if (requestedBy?.startsWith('schedule ')) return { requested_by: requestedBy, parent: null };
  const [, parent] = /^execution (\d+)$/.exec(requestedBy ?? '') ?? [];
  if (parent === undefined) return { requested_by: requesterName ?? null, parent: null };
  return { requested_by: `execution ${parent}`, parent: Number(parent) };
}

/** An action as the API shows it. */
export function describeAction(view: ActionView): Action {
  return {
    ref: view.actionRef,
    label: view.label,
    description: view.description ?? null,
    pack_ref: view.packRef,
    runtime: view.runtime ?? null,
    runtime_version: view.runtimeVersion ?? null,
    param_schema: view.parameterSchema ?? null,
    env_vars: [...view.requestVariables],
  };
}

/** A worker as the API shows it. */
export function describeWorker(view: WorkerView): Worker {
  const { runtimes, runtimeVersions, labels, taints } = view;
  return {
    id: Number(view.worker),
    name: view.name,
    worker_type: view.workerType,
    host: view.host,
    status: view.status,
    alive: view.isFresh,
    cordoned: view.isCordoned,
    cordon_reason: view.cordonReason ?? null,
    paused: view.pausedFor ?? null,
    assigned: view.assigned,
    max_concurrent_executions: view.slots,
    runtimes: [...runtimes],
    runtime_versions: Object.fromEntries(Object.entries(runtimeVersions).map(([name, all]) => [name, [...all]])),
    agent_version: view.agentVersion ?? null,
    silent_ms: view.silentMs === undefined ? null : Math.round(view.silentMs),
    labels,
    taints: [...taints],
  };
}

/** One version of an artifact as the API shows it. */
export function describeArtifact(view: ArtifactView): Artifact {
  return {
    id: Number(view.id),
    ref: view.ref,
    name: view.name,
    version: view.version,
    action_ref: view.actionRef,
    execution: view.execution === undefined ? null : Number(view.execution),
    size_bytes: view.bytes,
    checksum: view.checksum,
    created: view.created,
  };
}
