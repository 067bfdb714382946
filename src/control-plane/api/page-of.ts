import type { Page } from '#domain/page.ts';

interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly confinedTo?: Page['confinedTo'];
}

/** One page of a list, and the cursor of the next: the key of its last member, or null behind the last page. */
export async function pageOf<T>(
  { cursor, limit, confinedTo }: PageQuery,
  read: (page: Page) => Promise<readonly T[]>,
  keyOf: (one: T) => string,
): Promise<{ readonly members: readonly T[]; readonly next: string | null }> {
  const found = await read({ after: cursor, limit: limit + 1, confinedTo });
  const members = found.slice(0, limit);
  const last = members.at(-1);
  return { members, next: found.length > limit && last !== undefined ? keyOf(last) : null };
}
