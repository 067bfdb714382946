import { DEAD_LETTER_KEY, wrap } from '#adapters/broker/envelope.ts';
import type { Broker, ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { EXCHANGES, type OutgoingMessage } from '#domain/messages.ts';
import { createQueue, type LocalQueue } from './queue.ts';
import { matchesTopic } from './topic.ts';

/** A broker within this process: queues in memory, which end with it. The outbox fills them again. */
export function createLocalBroker(clock: Clock): Broker {
  const queues = new Map<string, LocalQueue>();
  const route = (exchange: string, routingKey: string): readonly LocalQueue[] =>
    [...queues.values()].filter(({ definition }) =>
      definition.bindings.some((one) => one.exchange === exchange && matchesTopic(one.routingKey, routingKey)),
    );
  const publish = (message: OutgoingMessage): void => {
    const targets = route(message.exchange, message.routingKey);
    if (targets.length === 0) return;
    const body = Buffer.from(JSON.stringify(wrap(message, { at: clock.now(), service: 'standalone' })));
    const { exchange, routingKey } = message;
    for (const queue of targets) queue.put({ body, exchange, routingKey, at: clock.monotonic() });
  };
  const declare = (definition: QueueDefinition): LocalQueue => {
    const there = queues.get(definition.name);
    if (there) return there;
    const queue = createQueue(definition, {
      clock,
      bury: (letter) => {
        for (const target of route(EXCHANGES.deadLetters, DEAD_LETTER_KEY)) target.put(letter);
      },
      expire: () => queues.delete(definition.name),
    });
    queues.set(definition.name, queue);
    return queue;
  };
  return {
    publish: async (messages) => {
      for (const message of messages) publish(message);
    },
    hint: (hints) => {
      for (const hint of hints) publish(hint);
    },
    consume: (definition: QueueDefinition, options: ConsumeOptions) => {
      const consumer = declare(definition).consume(options);
      const remove = async (): Promise<void> => {
        consumer.close();
        queues.delete(definition.name);
      };
      return {
        ready: Promise.resolve(),
        remove,
        empty: remove,
        [Symbol.asyncDispose]: async () => consumer.close(),
      };
    },
    trouble: () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const queue of queues.values()) queue.close();
    },
  };
}
