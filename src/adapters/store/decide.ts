import type { Decision, Plan, RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';

/**
 * What the plan decides about the executions that it was asked about: their rows are locked and still requested. A
 * decision about any other execution is left out, since that one may have any status.
 */
export function decide(
  plan: Plan,
  requests: readonly RequestedExecution[],
  workers: readonly WorkerLoad[],
): readonly Decision[] {
  const asked = new Set(requests.map((one) => one.execution));
  return plan(requests, workers).filter((one) => asked.has(one.execution));
}
