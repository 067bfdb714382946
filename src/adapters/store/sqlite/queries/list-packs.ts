import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { within, withinPacks } from '#adapters/store/sqlite/within.ts';
import type { PackLocation, PackView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';

export function listPacks(
  { database }: Sqlite,
  { after = '', limit = -1, confinedTo }: Page = {},
): readonly PackView[] {
  const [counted, ofActions] = within(confinedTo, 'a.ref');
  const [seen, ofPacks] = withinPacks(confinedTo, { column: 'p.ref', isWhole: false });
  return database
    .query<PackView, (string | number)[]>(`
      SELECT p.ref AS packRef, p.label, p.version, p.storage_path AS directory, (
        SELECT count(*) FROM action a WHERE a.pack = p.id AND ${counted}) AS actions
      FROM pack p WHERE p.ref > ? AND ${seen} ORDER BY p.ref LIMIT ?`)
    .all(...ofActions, after, ...ofPacks, limit);
}

export function findPack({ database }: Sqlite, packRef: string): PackLocation | undefined {
  const row = database
    .query<{ label: string; version: string; storage_path: string; checksum: string | null }, [string]>(
      'SELECT label, version, storage_path, checksum FROM pack WHERE ref = ?',
    )
    .get(packRef);
  if (!row) return undefined;
  const { label, version, storage_path: directory, checksum } = row;
  return { label, version, directory, checksum: checksum ?? undefined };
}
