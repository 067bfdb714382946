import { type ByteCollector, createByteCollector } from '#domain/byte-collector.ts';
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

interface Gathered {
  readonly stream: StreamName;
  /** The time when the first of the writes of the chunk came. */
  readonly at: number;
  readonly writes: ByteCollector;
  /** Aborts when it is handed over. */
  readonly handing: AbortController;
}

/**
 * Makes a log stream, which numbers the output of one attempt: chunks of both streams in one order, with their offsets
 * and times of arrival.
 */
export function createLogStream(
  { execution, attempt }: ClaimedExecution,
  { reporter, clock }: { readonly reporter: Pick<Reporter, 'log'>; readonly clock: Clock },
): LogStream {
  const offsets: Record<StreamName, number> = { stdout: 0, stderr: 0 };
  let seq = 0;
  let gathered: Gathered | undefined;
  const hand = async (): Promise<void> => {
    if (!gathered) return;
    const { stream, at, writes, handing } = gathered;
    const data = writes.take();
    gathered = undefined;
    handing.abort();
    const chunk = {
      execution,
      attempt,
      stream,
      seq: seq++,
      offset: offsets[stream],
      data,
      at,
    };
    offsets[stream] += data.length;
    await reporter.log(chunk);
  };
  const gather = (stream: StreamName, at: number): Gathered => {
    const handing = new AbortController();
    void clock.sleep(GATHER_MS, handing.signal).then(() => (handing.signal.aborted ? undefined : hand()));
    return { stream, at, writes: createByteCollector(), handing };
  };
  const write = async (stream: StreamName, bytes: Uint8Array, at: number): Promise<void> => {
    if (gathered && gathered.stream !== stream) await hand();
    gathered ??= gather(stream, at);
    gathered.writes.add(bytes);
    if (gathered.writes.length >= CHUNK_BYTES) await hand();
  };
  /* One after the other, whichever stream speaks: order is theirs, and so is the waiting. */
  let last: Promise<void> = Promise.resolve();
  return {
    sink: {
      write: (stream, bytes) => {
        const at = clock.now();
        last = last.then(() => write(stream, bytes, at));
        return last;
      },
    },
    close: async () => {
      await last;
      await hand();
    },
  };
}
