import type { PackView } from '#domain/client-store.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function listPacks({ database }: Sqlite): readonly PackView[] {
  return database
    .query<PackView, []>(`
      SELECT p.ref AS packRef, p.label, p.version, (SELECT count(*) FROM action a WHERE a.pack = p.id) AS actions
      FROM pack p ORDER BY p.ref`)
    .all();
}
