import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { PackLocation, PackView } from '#domain/client-store.ts';

export async function listPacks({ sql }: Caller): Promise<readonly PackView[]> {
  return await sql<PackView[]>`
    SELECT p.ref AS "packRef", p.label, p.version, COALESCE(a.actions, 0) AS actions
    FROM pack p LEFT JOIN (SELECT pack, count(*)::int AS actions FROM action GROUP BY pack) a ON a.pack = p.id
    ORDER BY p.ref COLLATE "C"`;
}

export async function findPack({ sql }: Caller, packRef: string): Promise<PackLocation | undefined> {
  const [row] = await sql<{ storage_path: string | null; checksum: string | null }[]>`
    SELECT storage_path, checksum FROM pack WHERE ref = ${packRef}`;
  return row && { directory: row.storage_path ?? '', checksum: row.checksum ?? undefined };
}
