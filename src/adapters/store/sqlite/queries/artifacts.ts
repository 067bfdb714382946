import { ARTIFACT_COLUMNS, type ArtifactRow, readArtifactRow } from '#adapters/store/artifact-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { type Condition, within } from '#adapters/store/sqlite/within.ts';
import type { Fence } from '#domain/agent-store.ts';
import type { ArtifactFilter, ArtifactView, StoredFile } from '#domain/artifact.ts';

/** All files of an execution are stored by two statements, whatever their number. */
export function saveArtifacts(
  { database, now }: Sqlite,
  { execution, attempt }: Fence,
  files: readonly StoredFile[],
): void {
  /* As on PostgreSQL: the bytes lie where the execution and the attempt say, and nowhere else. */
  const isIts = ({ name, path }: StoredFile): boolean =>
    path === `${execution}/${attempt}/${name}` && !name.split('/').includes('..');
  const rows = JSON.stringify(files.filter(isIts));
  database
    .query(`
      INSERT INTO artifact (ref, name, action_ref, last_version, created, updated)
      SELECT e.action_ref || '/' || (f.value ->> 'name'), f.value ->> 'name', e.action_ref, 1, ?3, ?3
      FROM json_each(?2) f JOIN execution e ON e.id = ?1 WHERE true
      ON CONFLICT (ref) DO UPDATE SET last_version = last_version + 1, updated = excluded.updated`)
    .run(execution, rows, now());
  database
    .query(`
      INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, attempt, created)
      SELECT a.id, a.last_version, f.value ->> 'bytes', f.value ->> 'checksum', f.value ->> 'path', ?1, ?3, ?4
      FROM json_each(?2) f JOIN execution e ON e.id = ?1
      JOIN artifact a ON a.ref = e.action_ref || '/' || (f.value ->> 'name')`)
    .run(execution, rows, attempt, now());
}

export function listArtifacts(
  { database }: Sqlite,
  { execution, ref, before, limit, confinedTo }: ArtifactFilter,
): readonly ArtifactView[] {
  /* Only what is asked for is in the statement: so SQLite takes the index for it. */
  const conditions: readonly Condition[] = [
    ...(execution === undefined ? [] : [['v.execution = ?', [execution]] as const]),
    ...(ref === undefined ? [] : [['v.artifact = (SELECT id FROM artifact WHERE ref = ?)', [ref]] as const]),
    ...(before === undefined ? [] : [['v.id < ?', [before]] as const]),
    within(confinedTo, 'a.action_ref'),
  ];
  return database
    .query<ArtifactRow, (string | number)[]>(`
      SELECT ${ARTIFACT_COLUMNS} FROM artifact_version v JOIN artifact a ON a.id = v.artifact
      WHERE ${conditions.map(([text]) => text).join(' AND ')} ORDER BY v.id DESC LIMIT ?`)
    .all(...conditions.flatMap(([, values]) => values), limit)
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
