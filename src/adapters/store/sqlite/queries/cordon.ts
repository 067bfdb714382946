import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { WorkerId } from '#domain/ids.ts';

export function cordon(
  { database, now }: Sqlite,
  worker: WorkerId,
  wish: { readonly by: string; readonly reason: string } | undefined,
): boolean {
  const { changes } = database
    .query('UPDATE worker SET cordoned = ?, cordon_reason = ?, cordoned_by = ?, cordoned_at = ? WHERE id = ?')
    .run(wish ? 1 : 0, wish?.reason ?? null, wish?.by ?? null, wish ? now() : null, worker);
  return changes > 0;
}
