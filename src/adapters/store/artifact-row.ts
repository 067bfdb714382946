import type { Settlement } from '#domain/agent-store.ts';
import type { ArtifactView, StoredFile } from '#domain/artifact.ts';
import { executionId } from '#domain/ids.ts';
import { iso } from './execution-row.ts';

/** A row of an artifact's version joined with its artifact, as both databases select it. */
export interface ArtifactRow {
  readonly id: string | number;
  readonly ref: string;
  readonly name: string;
  readonly version: number;
  readonly size_bytes: string | number;
  readonly checksum: string;
  readonly file_path: string;
  readonly execution: string | number | null;
  readonly action_ref: string | null;
  readonly created: Date | number;
}

export const ARTIFACT_COLUMNS =
  'v.id, a.ref, a.name, v.version, v.size_bytes, v.checksum, v.file_path, v.execution, a.action_ref, v.created';

export function readArtifactRow(row: ArtifactRow): ArtifactView {
  return {
    id: String(row.id),
    ref: row.ref,
    name: row.name,
    version: row.version,
    bytes: Number(row.size_bytes),
    checksum: row.checksum,
    path: row.file_path,
    execution: row.execution === null ? undefined : executionId(row.execution),
    actionRef: row.action_ref ?? '',
    created: iso(row.created),
  };
}

/** The files that an execution has left, each name once: of two files with the same name the last one counts. */
export function filesOf({ artifacts = [] }: Settlement): readonly StoredFile[] {
  return [...new Map(artifacts.map((file) => [file.name, file])).values()];
}
