import type { Sqlite } from '#adapters/store/sqlite/open.ts';

export function deletePack({ database }: Sqlite, packRef: string): boolean {
  const statements = [
    `DELETE FROM key WHERE (owner_type = 'pack' AND owner = ?1)
      OR (owner_type = 'action' AND owner IN (SELECT ref FROM action WHERE pack_ref = ?1))`,
    'DELETE FROM schedule WHERE pack = (SELECT id FROM pack WHERE ref = ?1)',
    'DELETE FROM action WHERE pack_ref = ?1',
    'DELETE FROM runtime WHERE pack_ref = ?1',
  ];
  for (const statement of statements) database.query(statement).run(packRef);
  return database.query('DELETE FROM pack WHERE ref = ?').run(packRef).changes > 0;
}
