import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { Clock } from '#domain/clock.ts';
import type { LogSink, StreamName } from '#domain/execution.ts';
import type { Reporter } from './reporter.ts';

/** Small writes are gathered so long, or up to so many bytes. */
const GATHER_MS = 50;
const CHUNK_BYTES = 64 * 1024;

export interface LogStream {
  readonly sink: LogSink;
  /** Hands over what was gathered last. */
  close(): Promise<void>;
}

/** Numbers the output of one attempt: chunks of both streams in one order, with their offsets. */
export function createLogStream(
  { execution, attempt }: ClaimedExecution,
  { reporter, clock }: { readonly reporter: Reporter; readonly clock: Clock },
): LogStream {
  const offsets: Record<StreamName, number> = { stdout: 0, stderr: 0 };
  let seq = 0;
  let gathered: { stream: StreamName; writes: Uint8Array[]; bytes: number } | undefined;
  let timer: Timer | undefined;
  const hand = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (!gathered) return;
    const { stream, writes, bytes } = gathered;
    gathered = undefined;
    const chunk = {
      execution,
      attempt,
      stream,
      seq: seq++,
      offset: offsets[stream],
      data: Buffer.concat(writes),
      at: clock.now(),
    };
    offsets[stream] += bytes;
    await reporter.log(chunk);
  };
  const write = async (stream: StreamName, bytes: Uint8Array): Promise<void> => {
    if (gathered && gathered.stream !== stream) await hand();
    gathered ??= { stream, writes: [], bytes: 0 };
    gathered.writes.push(bytes);
    gathered.bytes += bytes.length;
    timer ??= setTimeout(() => void hand(), GATHER_MS);
    if (gathered.bytes >= CHUNK_BYTES) await hand();
  };
  /* One after the other, whichever stream speaks: order is theirs, and so is the waiting. */
  let last: Promise<void> = Promise.resolve();
  return {
    sink: {
      write: (stream, bytes) => {
        const copy = bytes.slice();
        last = last.then(() => write(stream, copy));
        return last;
      },
    },
    close: async () => {
      await last;
      await hand();
    },
  };
}
