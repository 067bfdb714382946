import type { Clock } from '#domain/clock.ts';
import type { WorkerId } from '#domain/ids.ts';
import type { IncomingMessage } from '#domain/messages.ts';
import { SIGN_OF_LIFE, writeEvent } from './event-stream.ts';
import type { WorkerMessages } from './worker-messages.ts';

/** Messages that a slow reader lets wait; it misses the others, of which its heartbeat tells it. */
const MOST_WAITING = 100;
const ALIVE_EVERY_MS = 5000;

interface Streaming {
  readonly worker: WorkerId;
  /** Tells whether the worker wants a message that is for it. */
  wants(message: IncomingMessage): boolean;
  readonly stop: AbortSignal;
}

/** Streams messages to a worker as server-sent events, for as long as somebody reads. */
export function streamMessages(
  { messages, clock }: { readonly messages: WorkerMessages; readonly clock: Clock },
  { worker, wants, stop }: Streaming,
): ReadableStream<Uint8Array> {
  const ending = new AbortController();
  let isCancelled = false;
  const end = (): void => ending.abort();
  stop.addEventListener('abort', end);
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const hear = (message: IncomingMessage): void => {
        const hasRoom = (controller.desiredSize ?? 0) > -MOST_WAITING;
        if (hasRoom && wants(message)) controller.enqueue(Buffer.from(writeEvent('message', message)));
      };
      messages.listen(worker, hear, ending.signal);
      void keepAlive(controller, clock, ending.signal).then(() => {
        stop.removeEventListener('abort', end);
        if (!isCancelled) controller.close();
      });
    },
    cancel: () => {
      isCancelled = true;
      end();
    },
  });
}

async function keepAlive(
  controller: ReadableStreamDefaultController<Uint8Array>,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    controller.enqueue(Buffer.from(SIGN_OF_LIFE));
    await clock.sleep(ALIVE_EVERY_MS, stop);
  }
}
