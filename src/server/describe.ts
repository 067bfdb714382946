import type { ExecutionView, WorkerView } from '#domain/client-store.ts';

/** An execution by the names of the table. */
export function describeExecution(view: ExecutionView): object {
  return {
    id: Number(view.execution),
    action_ref: view.actionRef,
    status: view.status,
    result: view.result ?? null,
    worker: view.worker === undefined ? null : Number(view.worker),
    attempt: view.attempt,
    retry_count: view.retryCount,
    retry_reason: view.retryReason ?? null,
    started_at: view.startedAt ?? null,
    created: view.created,
    updated: view.updated,
  };
}

export function describeWorker(view: WorkerView): object {
  return {
    id: Number(view.worker),
    name: view.name,
    worker_type: view.workerType,
    host: view.host,
    status: view.status,
    alive: view.isFresh,
    cordoned: view.isCordoned,
    assigned: view.assigned,
    max_concurrent_executions: view.slots,
    runtimes: view.runtimes,
  };
}
