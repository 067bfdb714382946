import { giveBack } from '#domain/give-back.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Deliver } from './deliver.ts';

/** Chunks of logs, and their bytes, in one statement. */
const MOST_CHUNKS = 500;
const MOST_BYTES = 512 * 1024;
/** What is being delivered is there this often besides: in base64, in its statement or request, and as that is sent. */
const COPIES = 4;
/** Bytes of logs whose copies may pile up before they are collected: the runtime would wait for several times as many. */
const COLLECT_AFTER_BYTES = 4 * 1024 * 1024;
/** Bytes that a chunk takes besides its data: few bytes in each would be many times as many. */
const BESIDES = 1024;

export interface LogQueueDependencies {
  readonly deliver: Pick<Deliver, 'logs'>;
  /** Bytes that logs, copies of them and what describes them may take while they wait; then actions that write more wait too. */
  readonly limitBytes: number;
  /** Gives the memory of what nobody needs any more back, now. */
  collectGarbage(): void;
}

/** The logs that wait for the database, in order and with a bound. */
export interface LogQueue {
  chunks(): readonly LogChunk[];
  /** Bytes of the chunks, without copies. */
  bytes(): number;
  hasRoom(): boolean;
  /** Resolves when there may be more room than there was. */
  moreRoom(): Promise<void>;
  wake(): void;
  add(chunk: LogChunk): void;
  /** Delivers the chunks that are there now, batch by batch. */
  deliverAll(): Promise<void>;
}

/** Makes the queue of the logs. The memory of what has been delivered is given back, unless it may still be spooled. */
export function createLogQueue(
  { deliver, limitBytes, collectGarbage }: LogQueueDependencies,
  isKept: () => boolean,
): LogQueue {
  let chunks: readonly LogChunk[] = [];
  let added: LogChunk[] = [];
  let bytes = 0;
  let count = 0;
  let copies = 0;
  let uncollected = 0;
  let room = Promise.withResolvers<void>();
  const wake = (): void => {
    room.resolve();
    room = Promise.withResolvers();
  };
  const all = (): readonly LogChunk[] => {
    if (added.length > 0) chunks = [...chunks, ...added];
    added = [];
    return chunks;
  };
  const deliverCopies = async (batch: readonly LogChunk[], batchBytes: number): Promise<void> => {
    if (uncollected > COLLECT_AFTER_BYTES) {
      collectGarbage();
      uncollected = 0;
    }
    copies = COPIES * batchBytes;
    try {
      await deliver.logs(batch);
    } finally {
      copies = 0;
      uncollected += batchBytes;
      wake();
    }
  };
  return {
    chunks: all,
    bytes: () => bytes,
    hasRoom: () => bytes + count * BESIDES + copies <= limitBytes,
    moreRoom: () => room.promise,
    wake,
    add: (chunk) => {
      bytes += chunk.data.length;
      count++;
      added.push(chunk);
    },
    deliverAll: async () => {
      for (let due = count; due > 0; ) {
        const batch = firstBatch(all().slice(0, due));
        const batchBytes = bytesOf(batch);
        await deliverCopies(batch, batchBytes);
        chunks = all().slice(batch.length);
        bytes -= batchBytes;
        count -= batch.length;
        due -= batch.length;
        if (!isKept()) for (const { data } of batch) giveBack(data);
        wake();
      }
    },
  };
}

function firstBatch(chunks: readonly LogChunk[]): readonly LogChunk[] {
  let bytes = 0;
  let count = 0;
  for (const chunk of chunks) {
    bytes += chunk.data.length;
    if (count > 0 && (count >= MOST_CHUNKS || bytes > MOST_BYTES)) break;
    count++;
  }
  return chunks.slice(0, count);
}

function bytesOf(chunks: readonly LogChunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.data.length, 0);
}
