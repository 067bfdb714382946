import { useRef } from 'preact/hooks';
import { type Listed, listPath } from './api.ts';
import { type Loaded, useLive } from './hooks.ts';

interface SortedList {
  readonly loaded: Loaded<unknown>;
  /** Undefined: the server has not answered yet. */
  readonly rows: readonly Listed[] | undefined;
  /** Whether there are older ones, which are not among these. */
  readonly hasMore: boolean;
}

/** The most executions of a page of the API; two pages are sorted. */
const PAGE = 500;
/** They are many, so that they are asked for less often than a page of the newest. */
const RELOAD_MS = 10_000;

/**
 * The executions that are sorted by something else than their age: the newest ones, as many as can be had without an index
 * for each order, which every execution would pay for. While they are read no others come, and these change only in what
 * they say. Undefined: no query.
 */
export function useSortedList(query: Query | undefined, isRead: boolean): SortedList {
  const { path, loaded, answer, hasMore } = useNewest(query);
  const shown = useRef<{ readonly path: string | undefined; readonly rows: readonly Listed[] }>(NOTHING);
  if (answer) {
    const known = new Map(answer.map((one) => [one.id, one]));
    const isHeld = isRead && shown.current.path === path;
    shown.current = { path, rows: isHeld ? shown.current.rows.map((one) => known.get(one.id) ?? one) : answer };
  }
  const isThere = path !== undefined && shown.current.path === path;
  return { loaded, rows: isThere ? shown.current.rows : undefined, hasMore };
}

type Query = Readonly<Record<string, string>>;
const NOTHING = { path: undefined, rows: [] };

/** The newest executions of a query, of two pages: undefined until all of them are there. */
function useNewest(query: Query | undefined) {
  const asked = { ...query, limit: String(PAGE) };
  const path = query && listPath(asked);
  const loaded = useLive(path, RELOAD_MS);
  const first = loaded.path === path ? loaded.value : undefined;
  const next = first?.next_cursor;
  const older = next ? listPath({ ...asked, cursor: next }) : undefined;
  const { value, path: pathOfRest } = useLive(older, RELOAD_MS);
  const rest = older === undefined ? { executions: [], next_cursor: null } : pathOfRest === older ? value : undefined;
  const answer = path !== undefined && first && rest ? [...first.executions, ...rest.executions] : undefined;
  return { path, loaded, answer, hasMore: typeof rest?.next_cursor === 'string' };
}
