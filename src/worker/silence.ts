import type { Clock } from '#domain/clock.ts';
import type { Trouble, TroubleWord } from '#domain/trouble.ts';

/** An answer that takes longer than this is worth a word: those who ask for the health want to know within seconds. */
const LATE_MS = 1500;

/** Notes for how long a call has been without an answer. */
export function createSilence(
  { monotonic }: Pick<Clock, 'monotonic'>,
  who: Extract<TroubleWord, 'database' | 'server'>,
): { during<T>(call: () => Promise<T>): Promise<T>; trouble(): Trouble | undefined } {
  let askedAt: number | undefined;
  return {
    during: async (call) => {
      askedAt = monotonic();
      try {
        return await call();
      } finally {
        askedAt = undefined;
      }
    },
    trouble: () => {
      const ms = askedAt === undefined ? 0 : monotonic() - askedAt;
      return ms > LATE_MS
        ? { word: who, why: `the ${who} has not answered for ${Math.round(ms / 1000)} s` }
        : undefined;
    },
  };
}
