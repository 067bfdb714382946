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
  let pollMs = POLL_MS;
  const encode = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      for (;;) {
        /* The status first: all logs of an ended execution were there before its end was. */
        const view = await store.readExecution(execution);
        const chunks = await store.readLogs(execution, position, CHUNKS_AT_ONCE);
        const last = chunks.at(-1);
        if (last) {
          position = { attempt: last.attempt, seq: last.seq };
          pollMs = POLL_MS;
          controller.enqueue(Buffer.concat(chunks.map((chunk) => encode(describeChunk(chunk)))));
          return;
        }
        if (!view || stop.aborted || !follow || isFinal(view.status)) {
          if (view) controller.enqueue(encode({ execution: describeExecution(view) }));
          controller.close();
          return;
        }
        await clock.sleep(pollMs, stop);
        pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.2);
      }
    },
  });
}

function describeChunk({ attempt, seq, stream, offset, data, at }: LogChunk): object {
  return { attempt, seq, stream, offset, at: new Date(at).toISOString(), data: Buffer.from(data).toString('base64') };
}
