import type { ExecutionStatus } from '#domain/execution-status.ts';

/*
 * How the index of executions by status is read. It has those with a result and those without apart, in the order of
 * their ids, so that retention finds the oldest result without an index of its own, which each execution would write
 * to. What is assigned to workers is not in it: that is as much as they take at once, and is read whatever its status.
 */

/** The orders in which that index has a part. */
export const NEWEST_FIRST = 'num_nulls(result) DESC, id DESC';
export const OLDEST_FIRST = 'num_nulls(result), id';

/**
 * Conditions, as SQL, under which that index has the executions of a status, one for each of its parts. A range of one
 * value, unlike a value, stays in the order: so no other index is worth a thought to a planner, whatever it believes of
 * how many there are.
 */
export function partsOf(status: ExecutionStatus): readonly [withResult: string, withoutResult: string] {
  const part = (nulls: 0 | 1): string =>
    `indexed_status = '${status}' AND num_nulls(result) >= ${nulls} AND num_nulls(result) <= ${nulls}`;
  return [part(0), part(1)];
}
