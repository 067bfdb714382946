import { LIST_BYTES, SEARCHED } from '#adapters/store/execution-row.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';
import { groupsOf } from '#domain/groups.ts';
import type { Store } from '#domain/store.ts';
import { takeTurns } from '#domain/turns.ts';
import type { Sqlite } from './open.ts';
import { isSearch, measureExecutions, SEARCHED_AT_ONCE } from './queries/list-executions.ts';

/**
 * Makes a list that looks at as many ids at a time as others can wait for. A search ends where it has a page, or has
 * looked at enough: then it says where the next one goes on. A list by several conditions, one of which has an index,
 * goes on to its page or its end.
 */
export function listInTurns(sqlite: Sqlite, list: Store['listExecutions']): Store['listExecutions'] {
  const listStep = listOneStep(sqlite, list);
  return async (filter) => {
    const turn = takeTurns();
    const most = isSearch(filter) ? SEARCHED : Number.POSITIVE_INFINITY;
    const executions: ExecutionView[] = [];
    let page = await listStep(filter);
    executions.push(...page.executions);
    for (let searched = SEARCHED_AT_ONCE; searched < most && goesOn(page, executions.length, filter); ) {
      await turn();
      page = await listStep({ ...filter, before: page.next, limit: filter.limit - executions.length });
      executions.push(...page.executions);
      searched += SEARCHED_AT_ONCE;
    }
    return { ...page, executions };
  };
}

/** Tells whether a search has room for more; what may be large is never in one answer from two steps. */
function goesOn({ next }: ExecutionList, found: number, { limit, isLean }: ExecutionFilter): boolean {
  return next !== undefined && found < limit && (isLean || found === 0);
}

/**
 * Makes a list that reads as much at a time as others can wait for: SQLite reads the whole of a row for what stands
 * behind its large columns. A list with parameters and results has one such part alone.
 */
function listOneStep(sqlite: Sqlite, list: Store['listExecutions']): Store['listExecutions'] {
  return async (filter) => {
    const turn = takeTurns();
    const groups = groupsOf(measureExecutions(sqlite, filter), (bytes) => bytes, LIST_BYTES);
    if (groups.length < 2) return await list({ ...filter, limit: groups[0]?.length ?? filter.limit });
    const executions: ExecutionView[] = [];
    let end: Omit<ExecutionList, 'executions'> = { hasMore: false };
    for (const group of filter.isLean ? groups : groups.slice(0, 1)) {
      const page = await list(pageOf(filter, executions, group.length));
      executions.push(...page.executions);
      end = page;
      await turn();
    }
    return { ...end, executions };
  };
}

function pageOf(filter: ExecutionFilter, shown: readonly ExecutionView[], limit: number): ExecutionFilter {
  return { ...filter, limit, before: shown.at(-1)?.execution ?? filter.before };
}
