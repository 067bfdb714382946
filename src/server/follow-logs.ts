import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { isFinal } from '#domain/status.ts';
import { describeExecution } from './describe.ts';

const CHUNKS_AT_ONCE = 200;
const POLL_MS = 100;
/** While nothing comes the database is asked less and less often, down to once in so long. */
const LONGEST_POLL_MS = 1000;

interface Following {
  readonly execution: ExecutionId;
  /** Until the execution has ended; else what is there now. */
  readonly follow: boolean;
  readonly stop: AbortSignal;
}

/** Lines of JSON: one for each chunk (`data` in base64), and at last the execution itself as `execution`. */
export function followLogs(
  { store, clock }: { readonly store: ClientStore; readonly clock: Clock },
  { execution, follow, stop }: Following,
): ReadableStream<Uint8Array> {
  let position = { attempt: 0, seq: -1 };
  const encode = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
  /* The status first: all logs of an ended execution were there before its end was. */
  const look = async (): Promise<{ readonly bytes: Uint8Array | undefined; readonly isLast: boolean }> => {
    const view = await store.readExecution(execution);
    const chunks = await store.readLogs(execution, position, CHUNKS_AT_ONCE);
    const last = chunks.at(-1);
    if (last) {
      position = { attempt: last.attempt, seq: last.seq };
      return { bytes: Buffer.concat(chunks.map((chunk) => encode(describeChunk(chunk)))), isLast: false };
    }
    const isLast = !view || stop.aborted || !follow || isFinal(view.status);
    return { bytes: view && isLast ? encode({ execution: describeExecution(view) }) : undefined, isLast };
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      for (let pollMs = POLL_MS; ; pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.2)) {
        const { bytes, isLast } = await look();
        if (bytes) controller.enqueue(bytes);
        if (isLast) controller.close();
        if (bytes || isLast) return;
        await clock.sleep(pollMs, stop);
      }
    },
  });
}

function describeChunk({ attempt, seq, stream, offset, data, at }: LogChunk): object {
  return { attempt, seq, stream, offset, at: new Date(at).toISOString(), data: Buffer.from(data).toString('base64') };
}
