import { ARTIFACT_COLUMNS, type ArtifactRow, readArtifactRow } from '#adapters/store/artifact-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { within } from '#adapters/store/postgres/within.ts';
import type { ArtifactFilter, ArtifactView } from '#domain/artifact.ts';

export async function listArtifacts(
  { sql }: Caller,
  { execution, ref, before, limit, confinedTo }: ArtifactFilter,
): Promise<readonly ArtifactView[]> {
  const rows = await sql<ArtifactRow[]>`
    SELECT ${sql.unsafe(ARTIFACT_COLUMNS)} FROM artifact_version v JOIN artifact a ON a.id = v.artifact
    WHERE (${execution ?? null}::bigint IS NULL OR v.execution = ${execution ?? null})
      AND (${ref ?? null}::text IS NULL OR a.ref = ${ref ?? null})
      AND (${before ?? null}::bigint IS NULL OR v.id < ${before ?? null}) ${within(sql, confinedTo, 'a.action_ref')}
    ORDER BY v.id DESC LIMIT ${limit}`;
  return rows.map(readArtifactRow);
}

export async function readArtifact({ sql }: Caller, id: string): Promise<ArtifactView | undefined> {
  const [row] = await sql<ArtifactRow[]>`
    SELECT ${sql.unsafe(ARTIFACT_COLUMNS)} FROM artifact_version v JOIN artifact a ON a.id = v.artifact
    WHERE v.id = ${id}`;
  return row && readArtifactRow(row);
}
