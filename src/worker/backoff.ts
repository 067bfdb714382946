import { backoffMs } from '#domain/backoff.ts';
import type { Clock } from '#domain/clock.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';

const LONGEST_MS = 3000;

export interface RetryPolicy {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Hears of each failure, and `undefined` at success. */
  onProblem(problem: Trouble | undefined): void;
}

/**
 * Tries work again and again until it succeeds or `stop` aborts, which resolves with undefined. Rejects with any error
 * but Unavailable.
 */
export async function untilAvailable<T>(
  work: () => Promise<T>,
  { clock, stop, onProblem }: RetryPolicy,
): Promise<T | undefined> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      const result = await work();
      onProblem(undefined);
      return result;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      onProblem(error.trouble);
      await clock.sleep(backoffMs(attempt, LONGEST_MS, clock), stop);
    }
  }
  return undefined;
}
