import type { Broker, Consumer, DeadDelivery } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { EXCHANGES } from '#domain/messages.ts';
import type { ScheduleStore } from '#domain/schedule-store.ts';

const RETRY_MS = 5000;
const PREFETCH = 50;

/** Queues of this project dead-letter with the first key; from those of Attune's Rust control plane, messages keep their own. */
const keys: readonly string[] = [
  'attune.dead_letter',
  ...['execution.requested', 'execution.status.changed', 'execution.completed', 'pack.registered', 'pack.deleted'],
];

interface DeadLetterDependencies {
  readonly store: Pick<ScheduleStore, 'saveDeadLetter'>;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps messages that no queue could deliver in the database, each with the reason. */
export function catchDeadLetters(
  { store, broker, clock, logger }: DeadLetterDependencies,
  stop: AbortSignal,
): Consumer {
  /* Until it is kept: unacknowledged letters come again only after the connection breaks. */
  const keep = async (letter: DeadDelivery): Promise<void> => {
    while (!stop.aborted) {
      try {
        await store.saveDeadLetter(letter);
        letter.acknowledge();
        return;
      } catch (error) {
        logger.warn('dead letter not kept yet', { why: messageOf(error) });
        await clock.sleep(RETRY_MS, stop);
      }
    }
  };
  const bindings = keys.map((routingKey) => ({ exchange: EXCHANGES.deadLetters, routingKey }));
  return broker.consume(
    { name: 'attune.dead_letters.queue', bindings },
    {
      prefetch: PREFETCH,
      onMessage: () => {},
      onDeadLetter: (letter) => {
        logger.warn('dead letter', { queue: letter.queue, routing_key: letter.routingKey, reason: letter.reason });
        void keep(letter);
      },
    },
  );
}
