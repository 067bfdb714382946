import { LIST_BYTES } from '#adapters/store/execution-row.ts';
import type { ExecutionFilter, ExecutionList, ExecutionView } from '#domain/execution-view.ts';
import { groupsOf } from '#domain/groups.ts';
import type { Store } from '#domain/store.ts';
import { takeTurns } from '#domain/turns.ts';
import type { Sqlite } from './open.ts';
import { measureExecutions } from './queries/list-executions.ts';

/**
 * Makes a list that reads as much at a time as others can wait for: SQLite reads the whole of a row for what stands
 * behind its large columns. A list with parameters and results has one such part alone.
 */
export function listInTurns(sqlite: Sqlite, list: Store['listExecutions']): Store['listExecutions'] {
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
