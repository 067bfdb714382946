import {
  ACTIVE_STATUSES,
  ASSIGNED_STATUSES,
  CLAIMED_STATUSES,
  type ExecutionStatus,
  FINAL_STATUSES,
  WAITING_STATUSES,
} from '#domain/execution-status.ts';

/* Groups of statuses as SQL text for IN: literals, since a planner uses a partial index only if it can read them. */
export const WAITING = listOf(WAITING_STATUSES);
export const ACTIVE = listOf(ACTIVE_STATUSES);
export const ASSIGNED = listOf(ASSIGNED_STATUSES);
export const CLAIMED = listOf(CLAIMED_STATUSES);
export const FINAL = listOf(FINAL_STATUSES);

function listOf(statuses: readonly ExecutionStatus[]): string {
  return `(${statuses.map((status) => `'${status}'`).join(', ')})`;
}
