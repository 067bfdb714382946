import type { WorkerId } from '#domain/ids.ts';
import type { Requirements } from '#domain/requirements.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { type Filter, filters, holds, isTolerated } from '#domain/worker-filters.ts';

export type Choice =
  | { readonly kind: 'chosen'; readonly worker: WorkerLoad }
  /** Some workers could run it, and all of them are full, or paused. */
  | { readonly kind: 'busy' }
  | Nobody;

/**
 * Makes a function that chooses, for each execution in turn, the least loaded of the workers that can run it, and counts
 * what each was given. Workers whose taints ask not to, or whose labels are less wanted, come last, and one that is
 * avoided only where there is no other. A worker may be given `overcommit` more than its slots, when all are full. The
 * same input gives the same workers. All workers are looked at once for each kind of requirements, not for each
 * execution.
 */
export function createChooser(
  workers: readonly WorkerLoad[],
  overcommit: (worker: WorkerLoad) => number,
): (needs: Requirements) => Choice {
  const assigned = new Map(workers.map((worker) => [worker.worker, worker.assigned]));
  const classes = new Map<string, Able | Nobody>();
  const classOf = (needs: Requirements): Able | Nobody => {
    const key = JSON.stringify(needs);
    const known = classes.get(key) ?? findAble(needs, workers, { overcommit, assigned });
    classes.set(key, known);
    return known;
  };
  return (needs) => {
    const one = classOf(needs);
    return one.kind === 'nobody' ? one : take(one.queue, assigned);
  };
}

/** No worker can run it. */
interface Nobody {
  readonly kind: 'nobody';
  readonly filter: string;
  /** Names the filter that left none over, and what it asked for. */
  readonly reason: string;
}

interface Able {
  readonly kind: 'able';
  /** The workers that can run the execution and have room, the best last. */
  readonly queue: Place[];
}

/** A worker among those that can run an execution, with all that its rank depends on. */
interface Place {
  readonly worker: WorkerLoad;
  readonly most: number;
  readonly unwanted: number;
  readonly wanted: number;
  readonly assigned: number;
}

interface Loads {
  readonly assigned: Map<WorkerId, number>;
  overcommit(worker: WorkerLoad): number;
}

function findAble(needs: Requirements, workers: readonly WorkerLoad[], { assigned, overcommit }: Loads): Able | Nobody {
  let left = workers;
  for (const filter of filters) {
    const passing = left.filter((worker) => filter.passes(worker, needs));
    if (passing.length === 0) return { kind: 'nobody', filter: filter.name, reason: explain(filter, needs, left) };
    left = passing;
  }
  const queue = preferred(left.filter((worker) => !worker.isPaused))
    .map((worker) => ({
      worker,
      most: worker.slots + overcommit(worker),
      unwanted: unwanted(worker, needs),
      wanted: wanted(worker, needs),
      assigned: assigned.get(worker.worker) ?? 0,
    }))
    .filter((place) => place.assigned < place.most)
    .toSorted((a, b) => compare(b, a));
  return { kind: 'able', queue };
}

/** Takes the best place. One whose worker was given more since it was ranked goes back to where it belongs now. */
function take(queue: Place[], assigned: Map<WorkerId, number>): Choice {
  for (let best = queue.pop(); best; best = queue.pop()) {
    const given = assigned.get(best.worker.worker) ?? 0;
    const isCurrent = given === best.assigned;
    if (isCurrent) assigned.set(best.worker.worker, given + 1);
    const place = { ...best, assigned: isCurrent ? given + 1 : given };
    if (place.assigned < place.most) queue.splice(rankOf(place, queue), 0, place);
    if (isCurrent) return { kind: 'chosen', worker: best.worker };
  }
  return { kind: 'busy' };
}

/** Finds where a place belongs in a queue whose best is last. */
function rankOf(place: Place, queue: readonly Place[]): number {
  let low = 0;
  for (let high = queue.length; low < high; ) {
    const middle = (low + high) >>> 1;
    const there = queue[middle];
    if (there && compare(there, place) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Workers that are avoided count only where there is no other, be the others busy or not. */
function preferred(workers: readonly WorkerLoad[]): readonly WorkerLoad[] {
  const others = workers.filter((worker) => !worker.isAvoided);
  return others.length > 0 ? others : workers;
}

function explain(filter: Filter, needs: Requirements, before: readonly WorkerLoad[]): string {
  if (before.length === 0) return `there is no worker at all (filter: ${filter.name})`;
  const who =
    before.length === 1 ? 'the one worker left does not match' : `none of the ${before.length} workers left matches`;
  return `${who}: needed one that ${filter.lacks(needs, before)} (filter: ${filter.name})`;
}

/** Negative if `a` is the better place. */
function compare(a: Place, b: Place): number {
  return (
    Number(isFull(a)) - Number(isFull(b)) ||
    a.unwanted - b.unwanted ||
    b.wanted - a.wanted ||
    loadOf(a) - loadOf(b) ||
    b.worker.slots - b.assigned - (a.worker.slots - a.assigned) ||
    Number(a.worker.worker) - Number(b.worker.worker)
  );
}

function isFull({ worker, assigned }: Place): boolean {
  return assigned >= worker.slots;
}

function loadOf({ worker, assigned }: Place): number {
  return worker.slots === 0 ? Number.POSITIVE_INFINITY : assigned / worker.slots;
}

function unwanted(worker: WorkerLoad, { tolerations }: Requirements): number {
  return worker.taints.filter((one) => one.effect === 'prefer_no_schedule' && !isTolerated(one, tolerations)).length;
}

function wanted(worker: WorkerLoad, { affinity }: Requirements): number {
  return affinity.preferred.reduce((sum, rule) => sum + (holds(rule, worker) ? rule.weight : 0), 0);
}
