import type { StreamName } from './execution.ts';
import type { ExecutionId } from './ids.ts';

export interface LogChunk {
  readonly execution: ExecutionId;
  readonly attempt: number;
  readonly stream: StreamName;
  /** Order among all chunks of the attempt, from 0. */
  readonly seq: number;
  /** The bytes of the stream before this chunk. */
  readonly offset: number;
  readonly data: Uint8Array;
  /** The time when the first byte of the chunk was read: milliseconds since 1970, by the worker's clock. */
  readonly at: number;
}
