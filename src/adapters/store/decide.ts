import type { Decision, Plan, RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';

/**
 * Asks the plan for its decisions about the requested executions, whose rows are locked. A decision about any other
 * execution is left out, since that one may have any status.
 */
export function decide(
  plan: Plan,
  requests: readonly RequestedExecution[],
  workers: readonly WorkerLoad[],
): readonly Decision[] {
  const asked = new Set(requests.map((one) => one.execution));
  return plan(requests, workers).filter((one) => asked.has(one.execution));
}
