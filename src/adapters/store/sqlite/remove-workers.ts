import { ASSIGNED } from '#adapters/store/status-lists.ts';
import type { Sqlite } from './open.ts';

/** The condition that a worker `w` holds nothing: no claim, and no execution that is scheduled for it or runs. */
export const HOLDS_NOTHING = `NOT EXISTS (SELECT 1 FROM execution_claim c WHERE c.worker = w.id)
  AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED})`;

/** Removes workers. Their executions stay, without the name. */
export function removeWorkers(
  { database }: Pick<Sqlite, 'database'>,
  workers: readonly { readonly id: number }[],
): void {
  for (const { id } of workers) {
    database.query('UPDATE execution SET worker = NULL WHERE worker = ?').run(id);
    database.query('DELETE FROM worker WHERE id = ?').run(id);
  }
}
