import {
  ACTIVE_STATUSES,
  ASSIGNED_STATUSES,
  CLAIMED_STATUSES,
  type ExecutionStatus,
} from '#domain/execution-status.ts';

/* Groups of statuses as SQL text for IN: literals, since a planner uses a partial index only if it can read them. */
export const ACTIVE = listOf(ACTIVE_STATUSES);
export const ASSIGNED = listOf(ASSIGNED_STATUSES);
export const CLAIMED = listOf(CLAIMED_STATUSES);

function listOf(statuses: readonly ExecutionStatus[]): string {
  return `(${statuses.map((status) => `'${status}'`).join(', ')})`;
}
