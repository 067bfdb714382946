import type { LogSink, StreamName } from '#domain/execution.ts';

/** What a stream said, up to the limit. */
export interface Capture {
  readonly bytes: Uint8Array;
  /** All it wrote, kept or not. */
  readonly totalBytes: number;
  readonly isTruncated: boolean;
}

/** Passes a stream on to the sink and keeps it, both up to `limitBytes`; marks the place where it was cut. */
export function createCapture(
  stream: StreamName,
  sink: LogSink,
  limitBytes: number,
): { take(chunk: Uint8Array): Promise<void>; captured(): Capture } {
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  let totalBytes = 0;
  const take = async (chunk: Uint8Array): Promise<void> => {
    totalBytes += chunk.length;
    const room = limitBytes - keptBytes;
    const isCutHere = chunk.length > room && totalBytes - chunk.length <= limitBytes;
    const part = chunk.slice(0, room);
    if (part.length > 0) {
      kept.push(part);
      keptBytes += part.length;
      await sink.write(stream, part);
    }
    if (isCutHere)
      await sink.write(stream, Buffer.from(`\n[attune: ${stream} cut here, at its limit of ${limitBytes} bytes]\n`));
  };
  return { take, captured: () => ({ bytes: Buffer.concat(kept), totalBytes, isTruncated: totalBytes > limitBytes }) };
}
