import { startTimer, type Timer } from '#domain/timer.ts';
import type { KeeperProcess } from './keeper-process.ts';

type Rested = Pick<KeeperProcess, 'isGone' | 'close'>;

/** The keepers that keep nothing and wait for the next program. */
export interface RestingKeepers<Keeper extends Rested> {
  /** False: as many rest already, and this one does not. */
  add(keeper: Keeper): boolean;
  /** The one that has rested least, and is there no more; undefined: none rests. */
  take(): Keeper | undefined;
  endAll(): void;
}

/** So many wait for the next program; more end. */
const MOST_AT_REST = 64;
/**
 * A keeper that was not needed for one to two of these spans ends: a worker that has nothing to do has no processes of its
 * busy hours.
 */
export const LOOK_MS = 60_000;

/** Makes the place where keepers rest. This process does not stay alive for the timer that ends them. */
export function createRestingKeepers<Keeper extends Rested>(
  startIdleTimer: (ms: number, wake: () => void) => Timer = (ms, wake) => startTimer(ms, wake, { keepsAlive: false }),
): RestingKeepers<Keeper> {
  /** The one that has rested longest is first. */
  let resting: Keeper[] = [];
  /** The first so many have rested since the last look at least. */
  let unneeded = 0;
  let timer: Timer | undefined;
  const look = (): void => {
    for (const keeper of resting.slice(0, unneeded)) keeper.close();
    resting = resting.slice(unneeded);
    unneeded = resting.length;
    timer = resting.length > 0 ? startIdleTimer(LOOK_MS, look) : undefined;
  };
  const take = (): Keeper | undefined => {
    const keeper = resting.pop();
    unneeded = Math.min(unneeded, resting.length);
    return keeper?.isGone() ? take() : keeper;
  };
  return {
    take,
    add: (keeper) => {
      if (resting.length >= MOST_AT_REST) return false;
      resting.push(keeper);
      timer ??= startIdleTimer(LOOK_MS, look);
      return true;
    },
    endAll: () => {
      for (const keeper of resting) keeper.close();
      resting = [];
      unneeded = 0;
      timer?.stop();
      timer = undefined;
    },
  };
}
