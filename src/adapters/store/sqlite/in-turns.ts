import type { LogPage } from '#domain/client-store.ts';
import { groupsOf } from '#domain/groups.ts';
import type { Retained, RetentionLimit } from '#domain/retention-store.ts';
import type { Store } from '#domain/store.ts';
import { takeTurns } from '#domain/turns.ts';
import type { Sqlite } from './open.ts';
import { nextOldPart, type OldPart } from './queries/prune.ts';

/** Logs of which the next chunks are read in one step. */
const MOST_LOGS = 8;

/** Makes a call that reads of as many logs at a time as others can wait for. */
export function pollInTurns(poll: Store['pollLogs']): Store['pollLogs'] {
  return async (cursors, limit) => {
    const turn = takeTurns();
    const pages: LogPage[] = [];
    for (const some of groupsOf(cursors, () => 1, MOST_LOGS)) {
      pages.push(...(await poll(some, limit)));
      await turn();
    }
    return pages;
  };
}

type PrunePart = (
  what: Retained,
  limit: RetentionLimit & { readonly part: OldPart },
  most: number,
) => Promise<number | undefined>;

/** Makes a call that looks for what is old, and removes it, as much at a time as others can wait for. */
export function pruneInTurns(sqlite: Sqlite, prune: PrunePart): Store['prune'] {
  return async (what, limit, most) => {
    const turn = takeTurns();
    let after = 0;
    for (;;) {
      const part = nextOldPart(sqlite, what, { limit, most, after });
      if (part === undefined) return 0;
      const removed = await prune(what, { ...limit, part }, most);
      if (removed !== 0) return removed;
      after = part.upTo;
      await turn();
    }
  };
}
