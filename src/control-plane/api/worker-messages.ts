import { randomUUID } from 'node:crypto';
import type { Broker, QueueDefinition } from '#domain/broker.ts';
import type { WorkerId } from '#domain/ids.ts';
import { lazy } from '#domain/lazy.ts';
import { cancelKey, dispatchKey, EXCHANGES, type IncomingMessage, PACK_KEYS } from '#domain/messages.ts';
import { takeTurns } from '#domain/turns.ts';

/** The broker forgets the queue of a server that has gone. */
const QUEUE_LIVES_MS = 60_000;
const PREFETCH = 1000;

type Hear = (message: IncomingMessage) => void;

/** The messages to the workers that this server speaks to, which have no broker. */
export interface WorkerMessages {
  /** Calls `hear` with each message to a worker, until `stop` aborts. */
  listen(worker: WorkerId, hear: Hear, stop: AbortSignal): void;
}

/**
 * Makes one consumer for all workers of this server, however many they are. It hears of all that is sent to any worker,
 * and passes on what is for those that listen here. What a worker misses, its heartbeat tells it.
 */
export function createWorkerMessages(broker: Pick<Broker, 'consume'>): WorkerMessages {
  const listeners = new Map<WorkerId, Set<Hear>>();
  const tell = async (message: IncomingMessage): Promise<void> => {
    const ofWorker = 'worker' in message ? message.worker : undefined;
    const heard = ofWorker === undefined ? listeners.values() : [listeners.get(ofWorker) ?? []];
    const turn = takeTurns();
    for (const all of heard)
      for (const hear of all) {
        hear(message);
        await turn();
      }
  };
  const consume = lazy(() =>
    broker.consume(queueOfServer(), {
      prefetch: PREFETCH,
      onMessage: ({ message, acknowledge }) => {
        acknowledge();
        void tell(message);
      },
    }),
  );
  return {
    listen: (worker, hear, stop) => {
      if (stop.aborted) return;
      consume();
      const ofWorker = listeners.get(worker) ?? new Set();
      listeners.set(worker, ofWorker.add(hear));
      stop.addEventListener(
        'abort',
        () => {
          ofWorker.delete(hear);
          if (ofWorker.size === 0 && listeners.get(worker) === ofWorker) listeners.delete(worker);
        },
        { once: true },
      );
    },
  };
}

/** A queue of this server alone. `*` stands for any worker. */
function queueOfServer(): QueueDefinition {
  const keys = [dispatchKey('*'), cancelKey('*')];
  return {
    name: `attune.worker.messages.${randomUUID()}`,
    bindings: [
      ...keys.map((routingKey) => ({ exchange: EXCHANGES.executions, routingKey })),
      ...PACK_KEYS.map((routingKey) => ({ exchange: EXCHANGES.events, routingKey })),
    ],
    expiresMs: QUEUE_LIVES_MS,
    isDisposable: true,
  };
}
