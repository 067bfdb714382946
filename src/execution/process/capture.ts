import type { LogSink, StreamName } from '#domain/execution.ts';

/** The bytes of each end of a stream that are kept for the result; the rest is in the log alone. */
export const KEPT_BYTES = 1024 * 1024;

/** The parts of a stream that are kept for the result. */
export interface Capture {
  /** The beginning: all of a stream of up to `KEPT_BYTES`. */
  readonly bytes: Uint8Array;
  /** The end, of up to `KEPT_BYTES`: it overlaps the beginning of a short stream. */
  readonly tail: Uint8Array;
  /** All that the stream carried, kept or not. */
  readonly totalBytes: number;
  /** The bytes that the log holds: fewer than all of them if the stream went past its limit. */
  readonly loggedBytes: number;
}

/** Where the log of a stream ends, and the line that marks the place. */
export interface LogCut {
  readonly limitBytes: number;
  readonly notice: string;
}

/** Passes a stream on to the sink up to its limit, marks the place where it was cut, and keeps both ends of it. */
export function createCapture(
  stream: StreamName,
  sink: LogSink,
  { limitBytes, notice }: LogCut,
): { take(chunk: Uint8Array): Promise<void>; captured(): Capture } {
  const head: Uint8Array[] = [];
  const tail = createTail();
  let totalBytes = 0;
  const take = async (chunk: Uint8Array): Promise<void> => {
    const before = totalBytes;
    totalBytes += chunk.length;
    if (before < KEPT_BYTES) head.push(chunk.slice(0, KEPT_BYTES - before));
    tail.add(chunk);
    const part = chunk.slice(0, Math.max(0, limitBytes - before));
    if (part.length > 0) await sink.write(stream, part);
    if (before <= limitBytes && totalBytes > limitBytes) await sink.write(stream, Buffer.from(notice));
  };
  return {
    take,
    captured: () => ({
      bytes: Buffer.concat(head),
      tail: tail.bytes(),
      totalBytes,
      loggedBytes: Math.min(totalBytes, limitBytes),
    }),
  };
}

/** The last `KEPT_BYTES` of what is added; holds at most twice as much. */
function createTail(): { add(chunk: Uint8Array): void; bytes(): Uint8Array } {
  let chunks: Uint8Array[] = [];
  let held = 0;
  const shrink = (): void => {
    chunks = [Buffer.concat(chunks).subarray(-KEPT_BYTES).slice()];
    held = chunks[0]?.length ?? 0;
  };
  return {
    add: (chunk) => {
      const part = chunk.slice(-KEPT_BYTES);
      chunks.push(part);
      held += part.length;
      if (held > 2 * KEPT_BYTES) shrink();
    },
    bytes: () => Buffer.concat(chunks).subarray(-KEPT_BYTES),
  };
}
