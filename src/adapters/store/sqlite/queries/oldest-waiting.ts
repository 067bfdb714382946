import { MOST_LANES_MEASURED } from '#adapters/store/limits.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';

/** The first of the lane behind another one: one probe of an index. */
const NEXT_LANE = `
  SELECT lane, schedule_after AS due FROM execution
  WHERE status = 'requested' AND priority = ? AND lane > ? ORDER BY lane, schedule_after, id LIMIT 1`;
const NEXT_PRIORITY = `
  SELECT priority FROM execution WHERE status = 'requested' AND priority < ? ORDER BY priority DESC LIMIT 1`;

/** For how many seconds the oldest of what waits has been due, by the first of each lane. */
export function oldestWaitingSeconds({ database, now }: Sqlite): number {
  const nextPriority = database.query<{ priority: number }, [number]>(NEXT_PRIORITY);
  const nextLane = database.query<{ lane: string; due: number }, [number, string]>(NEXT_LANE);
  const at = now();
  let oldest = at;
  let visited = 0;
  let level = nextPriority.get(Number.MAX_SAFE_INTEGER);
  while (level !== null && visited < MOST_LANES_MEASURED) {
    let first = nextLane.get(level.priority, '');
    while (first !== null && visited < MOST_LANES_MEASURED) {
      oldest = Math.min(oldest, first.due);
      visited++;
      first = nextLane.get(level.priority, first.lane);
    }
    level = nextPriority.get(level.priority);
  }
  return (at - oldest) / 1000;
}
