import type { ArtifactFilter, ArtifactView, StoredFile } from '#domain/artifact.ts';
import type { Fence } from '#domain/store.ts';
import { ARTIFACT_COLUMNS, type ArtifactRow, readArtifactRow } from '#store/artifact-row.ts';
import { storableJson } from '#store/json.ts';
import type { AnySql, Sql } from '#store/postgres/connect.ts';

/** A version of each file of an execution whose end this transaction settles. Artifacts are locked in the order of their names. */
export async function saveArtifacts(
  sql: AnySql,
  { execution, attempt }: Fence,
  files: readonly StoredFile[],
): Promise<void> {
  await sql`
    WITH given AS (
      SELECT e.id AS execution, e.action_ref, e.action_ref || '/' || f.name AS ref, f.*
      FROM execution e, json_to_recordset(${storableJson(files)}::text::json) AS f(name TEXT, bytes BIGINT, checksum TEXT, path TEXT)
      WHERE e.id = ${execution}
    ), named AS (
      INSERT INTO artifact AS a (ref, name, action_ref, execution, last_version)
      SELECT ref, name, action_ref, execution, 1 FROM given ORDER BY ref
      ON CONFLICT (ref) DO UPDATE SET last_version = a.last_version + 1, execution = EXCLUDED.execution, updated = now()
      RETURNING id, ref, last_version
    )
    INSERT INTO artifact_version (artifact, version, size_bytes, checksum, file_path, execution, attempt)
    SELECT n.id, n.last_version, g.bytes, g.checksum, g.path, g.execution, ${attempt}::integer FROM given g JOIN named n ON n.ref = g.ref`;
}

export async function listArtifacts(
  sql: Sql,
  { execution, ref, before, limit }: ArtifactFilter,
): Promise<readonly ArtifactView[]> {
  const rows = await sql<ArtifactRow[]>`
    SELECT ${sql.unsafe(ARTIFACT_COLUMNS)} FROM artifact_version v JOIN artifact a ON a.id = v.artifact
    WHERE (${execution ?? null}::bigint IS NULL OR v.execution = ${execution ?? null})
      AND (${ref ?? null}::text IS NULL OR a.ref = ${ref ?? null}) AND (${before ?? null}::bigint IS NULL OR v.id < ${before ?? null})
    ORDER BY v.id DESC LIMIT ${limit}`;
  return rows.map(readArtifactRow);
}

export async function readArtifact(sql: Sql, id: string): Promise<ArtifactView | undefined> {
  const [row] = await sql<ArtifactRow[]>`
    SELECT ${sql.unsafe(ARTIFACT_COLUMNS)} FROM artifact_version v JOIN artifact a ON a.id = v.artifact WHERE v.id = ${id}`;
  return row && readArtifactRow(row);
}
