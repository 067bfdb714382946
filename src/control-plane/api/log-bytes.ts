import type { ClientStore, LogRange } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';

const CHUNKS_AT_ONCE = 32;

/** The bytes of a range, read as fast as the reader takes them. */
export function readLogBytes(store: ClientStore, execution: ExecutionId, range: LogRange): ReadableStream<Uint8Array> {
  let from = range.from;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const chunks = from < range.to ? await store.readLogRange(execution, { ...range, from }, CHUNKS_AT_ONCE) : [];
        const bytes = Buffer.concat(chunks.map((chunk) => chunk.data));
        const start = from - (chunks[0]?.offset ?? from);
        const wanted = bytes.subarray(start, start + range.to - from);
        from += wanted.length;
        if (wanted.length > 0) controller.enqueue(wanted);
        if (wanted.length === 0 || from >= range.to) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}
