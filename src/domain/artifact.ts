import type { Confinement } from './confinement.ts';
import type { ExecutionId } from './ids.ts';

/** A file that an action has left, as it was stored. */
export interface StoredFile {
  /** Below the directory of artifacts, with slashes. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, hex digits. */
  readonly checksum: string;
  /** The place of the file in the storage. */
  readonly path: string;
}

/** One version of an artifact. The artifact is `<action>/<name>`; each execution that leaves the file makes a version. */
export interface ArtifactView extends StoredFile {
  readonly id: string;
  readonly ref: string;
  readonly version: number;
  readonly execution: ExecutionId | undefined;
  readonly actionRef: string;
  /** ISO 8601. */
  readonly created: string;
}

export interface ArtifactFilter {
  readonly execution: ExecutionId | undefined;
  readonly ref: string | undefined;
  /** Only artifacts of actions that this lets through. */
  readonly confinedTo?: Confinement | undefined;
  /** Only artifacts that are older than this one. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** A storage that takes the bytes of artifacts, which are never held in memory as a whole. */
export interface ArtifactSink {
  /**
   * Stores the bytes of a file. Rejects when they could not be read or stored whole: with Unavailable when they may be,
   * later.
   */
  put(path: string, bytes: ReadableStream<Uint8Array>): Promise<void>;
  /** Rejects with Unavailable when nothing can be stored now; a storage without it cannot tell. */
  check?(): Promise<void>;
}

export interface ArtifactStorage extends ArtifactSink {
  /** Removes a file; one that is not there is no error. */
  remove(path: string): Promise<void>;
  /** The bytes from `from` to before `to`. Rejects when it is not there. */
  read(path: string, range: { readonly from: number; readonly to: number }): Promise<ReadableStream<Uint8Array>>;
}
