import { useEffect, useRef, useState } from 'preact/hooks';
import { type Listed, listPath, newestPath } from './api.ts';
import { type Loaded, useLive } from './hooks.ts';

interface HeldList {
  readonly loaded: Loaded<unknown>;
  /** Undefined: the server has not answered yet. */
  readonly rows: readonly HeldRow[] | undefined;
  readonly next: string | null;
  /** How many are held back. */
  readonly fresh: number;
  /** Whether there may be more of those than were counted. */
  readonly hasMoreFresh: boolean;
  /** Shows what is held back. */
  release(): void;
}

interface HeldRow {
  readonly one: Listed;
  /** Whether the list would be without it by now: it has another status, for example. */
  readonly isGone: boolean;
}

/** The executions that are shown: those of a list, up to one of which they were held. */
interface Shown {
  readonly name: string;
  readonly top: number | undefined;
  readonly rows: readonly Listed[];
}

type Query = Readonly<Record<string, string>>;

const PAGE = '50';

/**
 * The list of executions, live: its rows keep their places while it is read, and change only in what they say. What would
 * come between is counted instead. Without a query nothing is asked for, and what was shown is.
 */
export function useHeldList(name: string, query: Query | undefined, isRead: boolean): HeldList {
  const [held, setHeld] = useState<Pick<Shown, 'name' | 'top'>>({ name, top: undefined });
  const top = held.name === name ? held.top : undefined;
  const { path, ofNewest } = pathsOf(query, top);
  const loaded = useLive(path);
  const newest = useLive(ofNewest);
  const shown = useRef<Shown | undefined>(undefined);
  const answer = loaded.value?.executions ?? [];
  if (path !== undefined && loaded.path === path) shown.current = taken(shown.current, { name, top, rows: answer });
  const rows = shown.current?.rows ?? [];
  const first = shown.current?.name === name ? Math.max(0, ...rows.map(({ id }) => id)) : 0;
  useEffect(() => {
    setHeld((before) => {
      const isHeld = before.name === name && before.top !== undefined;
      if (isHeld === (isRead && first > 0)) return before;
      return { name, top: isHeld ? undefined : first };
    });
  }, [isRead, name, first]);
  const known = new Map((loaded.path === path ? answer : rows).map((one) => [one.id, one]));
  const heldBack = top === undefined ? NOTHING : heldBackOf(rows, top, [newest.value?.executions ?? [], answer]);
  const release = (): void => {
    /* What was held stays until the answer comes, and is none of this list any more: the answer is held next. */
    shown.current &&= { ...shown.current, name: '' };
    setHeld({ name, top: undefined });
  };
  return {
    loaded,
    rows: loaded.value && rows.map((one) => ({ one: known.get(one.id) ?? one, isGone: !known.has(one.id) })),
    next: loaded.value?.next_cursor ?? null,
    fresh: heldBack.count,
    hasMoreFresh: heldBack.hasMore,
    release,
  };
}

/** Up to the top by which it is held, a list is asked for as a page, and what is above that only to be counted. */
function pathsOf(query: Query | undefined, top: number | undefined) {
  if (query === undefined) return { path: undefined, ofNewest: undefined };
  const asked = { limit: PAGE, ...query };
  if (top === undefined || query['cursor'] !== undefined) return { path: listPath(asked), ofNewest: undefined };
  return { path: listPath({ ...asked, cursor: String(top + 1) }), ofNewest: newestPath(asked) };
}

const NOTHING = { count: 0, hasMore: false } as const;

/** What of the newest, and of those up to the one by which the list is held, is not shown. */
function heldBackOf(
  rows: readonly Listed[],
  top: number,
  [newest, answer]: readonly [newest: readonly Pick<Listed, 'id'>[], answer: readonly Listed[]],
) {
  const ids = new Set(rows.map(({ id }) => id));
  const above = newest.filter(({ id }) => id > top);
  /* What is older than all that is shown has only taken the places of what is gone. */
  const last = Math.min(...ids);
  const between = answer.filter(({ id }) => id <= top && id > last && !ids.has(id));
  return { count: above.length + between.length, hasMore: above.length === Number(PAGE) };
}

/** What is shown after an answer: all of it, or while the list is held, what was shown before, as the answer has it. */
function taken(before: Shown | undefined, answer: Shown): Shown {
  if (before?.name !== answer.name || answer.top === undefined) return answer;
  const known = new Map(answer.rows.map((one) => [one.id, one]));
  return { ...answer, rows: before.rows.map((one) => known.get(one.id) ?? one) };
}
