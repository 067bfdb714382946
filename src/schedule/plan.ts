import type { Decision, RequestedExecution, WorkerLoad } from '#domain/store.ts';
import { chooseWorker } from './choose-worker.ts';

export interface PlanSettings {
  /** How long an execution that nobody can run waits for somebody who can. */
  readonly patienceMs: number;
  /** How many more than its slots a worker may be given. */
  lookahead(worker: WorkerLoad): number;
}

/** What nobody can run is looked at again after this time; so is what would keep others of its action waiting. */
const POSTPONE_MS = 1000;

/** Decides on each request in turn, counting what it gave to whom. What is not mentioned stays as it is. */
export function planBatch(
  requests: readonly RequestedExecution[],
  workers: readonly WorkerLoad[],
  settings: PlanSettings,
): readonly Decision[] {
  const loads = new Map(workers.map((worker) => [worker.worker, worker]));
  return requests.flatMap((request): readonly Decision[] => {
    const { execution, requirements, ageMs, isPeculiar } = request;
    if ('problem' in requirements)
      return [{ kind: 'give-up', execution, reason: `it cannot be scheduled: ${requirements.problem}` }];
    const choice = chooseWorker(requirements, [...loads.values()], settings.lookahead);
    switch (choice.kind) {
      case 'chosen': {
        const { worker, assigned } = choice.worker;
        loads.set(worker, { ...choice.worker, assigned: assigned + 1 });
        return [{ kind: 'dispatch', execution, worker }];
      }
      case 'busy':
        return isPeculiar ? [{ kind: 'postpone', execution, delayMs: POSTPONE_MS }] : [];
      case 'nobody':
        return ageMs < settings.patienceMs
          ? [{ kind: 'postpone', execution, delayMs: POSTPONE_MS }]
          : [
              {
                kind: 'give-up',
                execution,
                reason: `no worker could run it within ${settings.patienceMs / 1000} s: ${choice.reason}`,
              },
            ];
    }
  });
}
