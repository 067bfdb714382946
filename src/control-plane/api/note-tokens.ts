import type { AdminStore, TokenHolder } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { MINUTE_MS } from '#domain/durations.ts';

const MOST_NOTED = 10_000;

/** Notes in the store that tokens are used: each of them once in a minute, and no request waits for it. */
export function createTokenNotes(
  { noteTokens }: Pick<AdminStore, 'noteTokens'>,
  clock: Clock,
): (holder: TokenHolder) => void {
  const noted = new Map<string, number>();
  return ({ id }) => {
    const now = clock.monotonic();
    if (id === undefined || now - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return;
    if (noted.size >= MOST_NOTED) noted.clear();
    noted.set(id, now);
    /* One that is not noted while the database is away is noted with a later request. */
    void noteTokens([id]).catch(() => noted.delete(id));
  };
}
