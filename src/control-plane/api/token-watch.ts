import type { AdminStore } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { ifAvailable } from '#domain/unavailable.ts';

/** How often the tokens of requests that are long under way are looked up, so that a revoked one ends them within 5 s. */
const CHECK_MS = 2000;

/** Tokens of one look-up: those of ten thousand workers are asked about within the same second. */
const MOST_AT_ONCE = 1000;

/** Looks after the tokens of requests that are long under way: of open streams, and of those that wait. */
export interface TokenWatch {
  /** Aborts `ending` when the token of this hash is no longer valid; watches until `ending` aborts, whoever aborts it. */
  watch(hash: string, ending: AbortController): void;
  /** Tells whether a token has been revoked or has expired. While the database is away nobody knows, and it counts as valid. */
  isOver(hash: string): Promise<boolean>;
}

export function createTokenWatch(deps: {
  readonly store: Pick<AdminStore, 'findToken' | 'validTokens'>;
  readonly clock: Pick<Clock, 'sleep'>;
}): TokenWatch {
  const watched = new Map<AbortController, string>();
  let isChecking = false;
  const isOver = async (hash: string): Promise<boolean> => {
    const found = await ifAvailable(async () => ({ token: await deps.store.findToken(hash) }));
    return found !== undefined && !found.token;
  };
  const endOver = async (): Promise<void> => {
    const all = [...new Set(watched.values())];
    for (let from = 0; from < all.length; from += MOST_AT_ONCE) {
      const asked = all.slice(from, from + MOST_AT_ONCE);
      const valid = new Set((await ifAvailable(() => deps.store.validTokens(asked))) ?? asked);
      const over = new Set(asked.filter((hash) => !valid.has(hash)));
      for (const [ending, hash] of watched) if (over.has(hash)) ending.abort();
    }
  };
  const check = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    while (watched.size > 0) {
      await deps.clock.sleep(CHECK_MS);
      await endOver();
    }
    isChecking = false;
  };
  return {
    isOver,
    watch: (hash, ending) => {
      watched.set(ending, hash);
      ending.signal.addEventListener('abort', () => watched.delete(ending), { once: true });
      void check();
    },
  };
}
