import type { Caller } from '#adapters/store/postgres/connect.ts';
import { within, withinPacks } from '#adapters/store/postgres/within.ts';
import type { PackLocation, PackView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';

export async function listPacks(
  { sql }: Caller,
  { after, limit, confinedTo }: Page = {},
): Promise<readonly PackView[]> {
  return await sql<PackView[]>`
    SELECT p.ref AS "packRef", p.label, p.version, p.storage_path AS directory, (
      SELECT count(*)::int FROM action a WHERE a.pack = p.id ${within(sql, confinedTo, 'a.ref')}) AS actions
    FROM pack p
    WHERE p.ref COLLATE "C" > ${after ?? ''} ${withinPacks(sql, confinedTo, { column: 'p.ref', isWhole: false })}
    ORDER BY p.ref COLLATE "C" LIMIT ${limit ?? null}`;
}

export async function findPack({ sql }: Caller, packRef: string): Promise<PackLocation | undefined> {
  const [row] = await sql<{ label: string; version: string; storage_path: string | null; checksum: string | null }[]>`
    SELECT label, version, storage_path, checksum FROM pack WHERE ref = ${packRef}`;
  if (!row) return undefined;
  const { label, version, storage_path: directory, checksum } = row;
  return { label, version, directory: directory ?? '', checksum: checksum ?? undefined };
}
