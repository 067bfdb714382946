import { ARTIFACT_COLUMNS, type ArtifactRow, readArtifactRow } from '#adapters/store/artifact-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Fence } from '#domain/agent-store.ts';
import type { ArtifactFilter, ArtifactView, StoredFile } from '#domain/artifact.ts';

export function saveArtifacts(
  { database, now }: Sqlite,
  { execution, attempt }: Fence,
  files: readonly StoredFile[],
): void {
  const row = database
    .query<{ action_ref: string }, [string]>('SELECT action_ref FROM execution WHERE id = ?')
    .get(execution);
  const actionRef = row?.action_ref ?? '';
  for (const { name, bytes, checksum, path } of files) {
    /* As on PostgreSQL: the bytes lie where the execution and the attempt say, and nowhere else. */
    if (path !== `${execution}/${attempt}/${name}` || name.split('/').includes('..')) continue;
    const artifact = database
      .query<{ id: number; last_version: number }, [string, string, string, number]>(`
        INSERT INTO artifact (ref, name, action_ref, last_version, created, updated) VALUES (?1, ?2, ?3, 1, ?4, ?4)
        ON CONFLICT (ref) DO UPDATE SET last_version = last_version + 1, updated = excluded.updated
        RETURNING id, last_version`)
      .get(`${actionRef}/${name}`, name, actionRef, now());
    database
      .query(`
        INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, attempt, created)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(artifact?.id ?? 0, artifact?.last_version ?? 0, bytes, checksum, path, execution, attempt, now());
  }
}

export function listArtifacts(
  { database }: Sqlite,
  { execution, ref, before, limit }: ArtifactFilter,
): readonly ArtifactView[] {
  return database
    .query<ArtifactRow, [string | null, string | null, string | null, number]>(`
      SELECT ${ARTIFACT_COLUMNS} FROM artifact_version v JOIN artifact a ON a.id = v.artifact
      WHERE (?1 IS NULL OR v.execution = ?1) AND (?2 IS NULL OR a.ref = ?2) AND (?3 IS NULL OR v.id < ?3)
      ORDER BY v.id DESC LIMIT ?4`)
    .all(execution ?? null, ref ?? null, before ?? null, limit)
    .map(readArtifactRow);
}

export function readArtifact({ database }: Sqlite, id: string): ArtifactView | undefined {
  const row = database
    .query<ArtifactRow, [string]>(
      `SELECT ${ARTIFACT_COLUMNS} FROM artifact_version v JOIN artifact a ON a.id = v.artifact WHERE v.id = ?`,
    )
    .get(id);
  return row ? readArtifactRow(row) : undefined;
}
