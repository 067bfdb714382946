import type { DispatchRow } from '#adapters/store/hints.ts';
import type { Sqlite } from './open.ts';

/** A scheduled execution, as its worker is told of it. */
export function dispatchRowOf({ database }: Sqlite, execution: string | number): DispatchRow | undefined {
  const row = database
    .query<Omit<DispatchRow, 'takes_batches'> & { readonly takes_batches: number }, [string | number]>(`
      SELECT e.id, e.worker, e.attempt, COALESCE(w.capabilities->>'batched_dispatch', 0) = 1 AS takes_batches
      FROM execution e JOIN worker w ON w.id = e.worker WHERE e.id = ?`)
    .get(execution);
  return row ? { ...row, takes_batches: row.takes_batches === 1 } : undefined;
}
