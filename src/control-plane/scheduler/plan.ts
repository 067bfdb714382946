import type { Decision, RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';
import { chooseWorker } from './choose-worker.ts';

export interface PlanSettings {
  /** The milliseconds for which an execution that no worker can run waits for one that can. */
  readonly schedulingDeadlineMs: number;
  /** The number of executions above its slots that a worker may be given. */
  overcommit(worker: WorkerLoad): number;
}

/**
 * The milliseconds after which an execution that no worker can run is looked at again; so is one that would keep others
 * of its action waiting.
 */
const POSTPONE_MS = 1000;

/**
 * Decides on each request in turn, counting what each worker was given. A request without a decision stays as it is.
 */
export function planBatch(
  requests: readonly RequestedExecution[],
  workers: readonly WorkerLoad[],
  settings: PlanSettings,
): readonly Decision[] {
  const loads = new Map(workers.map((worker) => [worker.worker, worker]));
  return requests.flatMap((request) => {
    const decision = decide(request, [...loads.values()], settings);
    const worker = decision?.kind === 'dispatch' ? loads.get(decision.worker) : undefined;
    if (worker) loads.set(worker.worker, { ...worker, assigned: worker.assigned + 1 });
    return decision ?? [];
  });
}

/** Decides on one request; undefined if it stays as it is. */
function decide(
  { execution, requirements, ageMs, hasOwnRequirements }: RequestedExecution,
  workers: readonly WorkerLoad[],
  { schedulingDeadlineMs, overcommit }: PlanSettings,
): Decision | undefined {
  if ('problem' in requirements)
    return { kind: 'give-up', execution, reason: `it cannot be scheduled: ${requirements.problem}` };
  const choice = chooseWorker(requirements, workers, overcommit);
  switch (choice.kind) {
    case 'chosen':
      return { kind: 'dispatch', execution, worker: choice.worker.worker };
    case 'busy':
      return hasOwnRequirements ? { kind: 'postpone', execution, delayMs: POSTPONE_MS } : undefined;
    case 'nobody': {
      if (ageMs < schedulingDeadlineMs) return { kind: 'postpone', execution, delayMs: POSTPONE_MS };
      const reason = `no worker could run it within ${schedulingDeadlineMs / 1000} s: ${choice.reason}`;
      return { kind: 'give-up', execution, reason };
    }
  }
}
