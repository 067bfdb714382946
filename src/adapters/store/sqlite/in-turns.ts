import type { AuditView } from '#domain/admin-store.ts';
import type { LogPage } from '#domain/client-store.ts';
import { groupsOf } from '#domain/groups.ts';
import type { OldArtifact, Retained, RetentionLimit } from '#domain/retention-store.ts';
import type { Store } from '#domain/store.ts';
import { takeTurns } from '#domain/turns.ts';
import type { Sqlite } from './open.ts';
import { type AuditStep, endsOfAudit } from './queries/audit.ts';
import { lastBeyond, nextOldPart, type OldPart, type Table } from './queries/prune.ts';

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

type PartLimit = RetentionLimit & { readonly part: OldPart };
type PrunePart = (what: Retained, limit: PartLimit, most: number) => Promise<number | undefined>;
type FindPart = (limit: PartLimit, most: number) => Promise<readonly OldArtifact[]>;

/** Makes a call that looks for what is old, and removes it, as much at a time as others can wait for. */
export function pruneInTurns(sqlite: Sqlite, prune: PrunePart): Store['prune'] {
  return async (what, limit, most) =>
    (
      await firstPart(sqlite, { what, limit, most }, async (some) => {
        const removed = await prune(what, some, most);
        return removed === 0 ? undefined : { removed };
      })
    )?.removed ?? 0;
}

/** Makes a call that looks for old artifacts among as many at a time as others can wait for. */
export function oldArtifactsInTurns(sqlite: Sqlite, find: FindPart): Store['findOldArtifacts'] {
  return async (limit, most) =>
    (await firstPart(sqlite, { what: 'artifacts', limit, most }, async (some) => {
      const found = await find(some, most);
      return found.length === 0 ? undefined : found;
    })) ?? [];
}

/** What the first part gives that gives anything. */
async function firstPart<T>(
  sqlite: Sqlite,
  { what, limit, most }: { readonly what: Table; readonly limit: RetentionLimit; readonly most: number },
  take: (limit: PartLimit) => Promise<T | undefined>,
): Promise<T | undefined> {
  const turn = takeTurns();
  const counting = lastBeyond(sqlite, what, limit.count);
  let counted = counting.next();
  for (; !counted.done; counted = counting.next()) await turn();
  const byCount = counted.value;
  let after = 0;
  for (;;) {
    const part = nextOldPart(sqlite, what, { limit, most, after, byCount });
    if (part === undefined) return undefined;
    const taken = await take({ ...limit, part });
    if (taken !== undefined) return taken;
    after = part.upTo;
    await turn();
  }
}

/** Entries of the audit log that are looked at in one step. */
const MOST_ENTRIES = 20_000;

type ListStep = (step: AuditStep, limit: number) => Promise<readonly AuditView[]>;

/** Makes a call that looks for the entries of somebody among as many at a time as others can wait for. */
export function auditInTurns(sqlite: Sqlite, list: ListStep): Store['listAudit'] {
  return async (filter, limit) => {
    const turn = takeTurns();
    const { first, newest } = endsOfAudit(sqlite);
    const entries: AuditView[] = [];
    let before = Math.min(Number(filter.before ?? Number.MAX_SAFE_INTEGER), newest + 1);
    while (before > first && entries.length < limit) {
      const from = before - MOST_ENTRIES;
      entries.push(...(await list({ ...filter, before: String(before), from }, limit - entries.length)));
      before = from;
      await turn();
    }
    return entries;
  };
}
