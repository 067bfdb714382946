import type { Clock } from './clock.ts';
import type { Trouble, TroubleWord } from './trouble.ts';

/** Notes for how long calls have been without a good answer. */
export interface Silence {
  during<T>(call: () => Promise<T>): Promise<T>;
  trouble(): Trouble | undefined;
}

interface SilenceOptions {
  readonly who: Extract<TroubleWord, 'database' | 'server'>;
  /**
   * The milliseconds after which it is worth a word. Those who ask for the health want to know within five seconds.
   */
  readonly lateMs: number;
}

export function createSilence({ monotonic }: Pick<Clock, 'monotonic'>, { who, lateMs }: SilenceOptions): Silence {
  /** The time of the first call since the last good answer. */
  let since: number | undefined;
  return {
    during: async (call) => {
      since ??= monotonic();
      const answer = await call();
      since = undefined;
      return answer;
    },
    trouble: () => {
      const ms = since === undefined ? 0 : monotonic() - since;
      return ms > lateMs ? { word: who, why: `the ${who} has not answered for ${Math.round(ms / 1000)} s` } : undefined;
    },
  };
}
