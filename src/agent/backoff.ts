import type { Clock } from '#domain/clock.ts';
import { Unavailable } from '#domain/unavailable.ts';

const FIRST_MS = 100;
const LONGEST_MS = 3000;

/** 0.1, 0.2, 0.4 … 3 s, each shortened by up to half, so that a thousand workers do not come back at once. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (1 - random / 2);
}

export interface Patience {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Hears why it does not work yet, and `undefined` when it did. */
  onProblem(problem: string | undefined): void;
}

/** Tries until it works or `stop` aborts (then undefined). Rejects with what is not Unavailable. */
export async function untilAvailable<T>(
  work: () => Promise<T>,
  { clock, stop, onProblem }: Patience,
): Promise<T | undefined> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      const result = await work();
      onProblem(undefined);
      return result;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      onProblem(error.message);
      await clock.sleep(backoffMs(attempt, clock.random()), stop);
    }
  }
  return undefined;
}
