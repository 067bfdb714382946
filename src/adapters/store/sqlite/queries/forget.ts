import type { Sqlite } from '#adapters/store/sqlite/open.ts';

export function forget({ database }: Sqlite, outboxIds: readonly string[]): void {
  const remove = database.query('DELETE FROM outbox WHERE id = ?');
  for (const id of outboxIds) remove.run(id);
}
