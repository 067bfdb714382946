import type { Broker, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { SIGN_OF_LIFE, writeEvent } from './event-stream.ts';

/** Messages that a slow reader lets wait. */
const MOST_WAITING = 100;
const ALIVE_EVERY_MS = 5000;

/** Streams the messages of a queue as server-sent events, for as long as somebody reads. */
export function streamMessages(
  { broker, clock }: { readonly broker: Broker; readonly clock: Clock },
  queue: QueueDefinition,
  stop: AbortSignal,
): ReadableStream<Uint8Array> {
  const ending = new AbortController();
  let isCancelled = false;
  const end = (): void => ending.abort();
  stop.addEventListener('abort', end);
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const consumer = broker.consume(queue, {
        prefetch: MOST_WAITING,
        onMessage: (delivery) => {
          if (ending.signal.aborted) return delivery.giveBack();
          controller.enqueue(Buffer.from(writeEvent('message', delivery.message)));
          delivery.acknowledge();
        },
      });
      void keepAlive(controller, clock, ending.signal).then(async () => {
        stop.removeEventListener('abort', end);
        await consumer[Symbol.asyncDispose]();
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
