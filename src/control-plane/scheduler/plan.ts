import type { Decision, RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';
import { createChooser } from './choose-worker.ts';

export interface PlanSettings {
  /** The milliseconds for which an execution that no worker can run waits for one that can. */
  readonly schedulingDeadlineMs: number;
  /** The number of executions above its slots that a worker may be given. */
  overcommit(worker: WorkerLoad): number;
}

/**
 * Decides on each request in turn, counting what each worker was given. A request without a decision stays as it is.
 */
export function planBatch(
  requests: readonly RequestedExecution[],
  workers: readonly WorkerLoad[],
  { schedulingDeadlineMs, overcommit }: PlanSettings,
): readonly Decision[] {
  const choose = createChooser(workers, overcommit);
  const decide = ({ execution, requirements, ageMs }: RequestedExecution): Decision | undefined => {
    if ('problem' in requirements)
      return { kind: 'give-up', execution, reason: `it cannot be scheduled: ${requirements.problem}` };
    const choice = choose(requirements);
    if (choice.kind === 'chosen') return { kind: 'dispatch', execution, worker: choice.worker.worker };
    if (choice.kind === 'busy' || ageMs < schedulingDeadlineMs) return undefined;
    const reason = `no worker could run it within ${schedulingDeadlineMs / 1000} s: ${choice.reason}`;
    return { kind: 'give-up', execution, reason };
  };
  return requests.flatMap((request) => decide(request) ?? []);
}
