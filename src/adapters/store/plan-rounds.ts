import type { Decision, Plan, ScheduleBounds, WorkerLoad } from '#domain/schedule-store.ts';
import { decide } from './decide.ts';
import { ABOVE_ALL, inTurns, type Place, packOf, type Round, type Turns } from './turns.ts';

export interface Pass {
  readonly workers: readonly WorkerLoad[];
  readonly bounds: ScheduleBounds;
  readonly plan: Plan;
  readonly turns: Turns;
}

export interface Planned {
  readonly decisions: readonly Decision[];
  /** True if there were more lanes than the pass looked at. */
  readonly hasMore: boolean;
  /** True if the pass has looked at all that waited and was due. */
  readonly sawAll: boolean;
}

/**
 * Plans round by round, from the highest priority that waits down, until the limit says that there is room for no more.
 * Each round counts what the ones before have given to workers. It yields the place of each round, and wants to be
 * given what waits there.
 */
export function* planRounds(pass: Pass): Generator<Place, Planned, Round | undefined> {
  const { workers, bounds, plan, turns } = pass;
  const decisions: Decision[] = [];
  let loads = workers;
  let hasMore = false;
  let sawAll = false;
  let wasFull = false;
  for (let below = ABOVE_ALL; ; ) {
    const limit = bounds.limit(loads);
    if (limit <= 0) break;
    const round = yield { below, limit, afterPack: turns.afterPack(), afterLanes: turns.afterLanes() };
    const requests = inTurns(round?.visited ?? []).map((one) => one.request);
    const made = decide(plan, requests, loads);
    decisions.push(...made);
    sawAll = !(wasFull || round?.hasLower);
    if (!round) break;
    turns.note(round, made);
    hasMore ||= round.isCut;
    wasFull ||= round.isCut || isAnyFull(round, limit);
    sawAll &&= !wasFull;
    if (!round.hasLower) break;
    below = round.priority;
    loads = withDispatched(loads, made);
  }
  return { decisions, hasMore, sawAll };
}

/** Tells whether a round took as many of any lane as a round takes of one at most. */
function isAnyFull({ visited }: Round, limit: number): boolean {
  const packs = Map.groupBy(visited, ({ lane }) => packOf(lane));
  return [...packs.values()].some((lanes) =>
    lanes.some(({ requests }) => requests.length >= Math.max(1, Math.ceil(limit / packs.size / lanes.length))),
  );
}

function withDispatched(workers: readonly WorkerLoad[], decisions: readonly Decision[]): readonly WorkerLoad[] {
  const given = Map.groupBy(
    decisions.flatMap((one) => (one.kind === 'dispatch' ? one.worker : [])),
    (worker) => worker,
  );
  return workers.map((one) => ({ ...one, assigned: one.assigned + (given.get(one.worker)?.length ?? 0) }));
}
