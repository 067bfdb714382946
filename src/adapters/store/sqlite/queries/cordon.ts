import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { WorkerId } from '#domain/ids.ts';

export function cordon(
  { database, now }: Sqlite,
  worker: WorkerId,
  cordoning: { readonly by: string; readonly reason: string } | undefined,
): boolean {
  const { changes } = database
    .query('UPDATE worker SET cordoned = ?, cordon_reason = ?, cordoned_by = ?, cordoned_at = ? WHERE id = ?')
    .run(cordoning ? 1 : 0, cordoning?.reason ?? null, cordoning?.by ?? null, cordoning ? now() : null, worker);
  return changes > 0;
}
