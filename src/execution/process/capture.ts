import type { LogSink, StreamName } from '#domain/execution.ts';

/** The bytes of the end of a stream that are kept for the result; the rest is in the log alone. */
export const KEPT_BYTES = 1024 * 1024;
/** The bytes of the beginning of a longer stream that are kept for people to read. */
export const BEGINNING_BYTES = 64 * 1024;

/** The parts of a stream that are kept for the result. */
export interface Capture {
  /** The beginning: all of a stream of up to `KEPT_BYTES`, and `BEGINNING_BYTES` of a longer one. */
  readonly bytes: Uint8Array;
  /** The end, of up to `KEPT_BYTES`: it is all of a short stream. */
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
  const kept = createKept();
  let totalBytes = 0;
  const take = async (chunk: Uint8Array): Promise<void> => {
    const before = totalBytes;
    totalBytes += chunk.length;
    kept.add(chunk);
    const part = chunk.subarray(0, Math.max(0, limitBytes - before));
    if (part.length > 0) await sink.write(stream, part);
    if (before <= limitBytes && totalBytes > limitBytes) await sink.write(stream, Buffer.from(notice));
  };
  return {
    take,
    captured: () => ({ ...kept.captured(), totalBytes, loggedBytes: Math.min(totalBytes, limitBytes) }),
  };
}

/** Keeps both ends of what is added: a ring of `KEPT_BYTES`, which holds all of a short stream, and the beginning. */
function createKept(): { add(chunk: Uint8Array): void; captured(): Pick<Capture, 'bytes' | 'tail'> } {
  let ring: Uint8Array<ArrayBuffer> = new Uint8Array();
  let beginning: Uint8Array | undefined;
  /** The bytes that were added, of which the ring has the last. */
  let end = 0;
  const grow = (needed: number): void => {
    const bytes = Math.min(KEPT_BYTES, Math.max(needed, 2 * ring.length));
    ring = new Uint8Array(ring.buffer.transfer(bytes)); /* what is outgrown is given back at once */
  };
  const put = (part: Uint8Array): void => {
    const at = end % KEPT_BYTES;
    const first = part.subarray(0, KEPT_BYTES - at);
    ring.set(first, at);
    ring.set(part.subarray(first.length), 0);
    end += part.length;
  };
  return {
    add: (chunk) => {
      if (end + chunk.length > ring.length && ring.length < KEPT_BYTES) grow(end + chunk.length);
      const room = chunk.subarray(0, Math.max(0, KEPT_BYTES - end));
      put(room);
      const more = chunk.subarray(room.length);
      if (more.length === 0) return;
      beginning ??= ring.slice(0, BEGINNING_BYTES);
      end += Math.max(0, more.length - KEPT_BYTES);
      put(more.subarray(-KEPT_BYTES));
    },
    captured: () => {
      if (!beginning) return { bytes: ring.subarray(0, end), tail: ring.subarray(0, end) };
      const at = end % KEPT_BYTES;
      return { bytes: beginning, tail: Buffer.concat([ring.subarray(at), ring.subarray(0, at)]) };
    },
  };
}
