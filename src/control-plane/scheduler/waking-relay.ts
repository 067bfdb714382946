import { EXCHANGES, type Hint, type OutboxMessage } from '#domain/messages.ts';
import type { Relay } from '#domain/outbox-relay.ts';

/** What wakes a scheduler. */
interface Waking {
  notify(): void;
  notifyEnd(): void;
}

/** The relay of a process with a scheduler of its own: a hint that would wake one wakes that, and needs no broker. */
export function wakingRelay(relay: Relay, { notify, notifyEnd }: Waking): Relay {
  const wakers = new Map([
    ['execution.requested', notify],
    ['execution.completed', notifyEnd],
  ]);
  const wakerOf = ({ outboxId, exchange, routingKey }: OutboxMessage | Hint): (() => void) | undefined =>
    outboxId === undefined && exchange === EXCHANGES.executions ? wakers.get(routingKey) : undefined;
  return {
    ...relay,
    publish: (messages) => {
      for (const wake of new Set(messages.map(wakerOf))) wake?.();
      relay.publish(messages.filter((message) => wakerOf(message) === undefined));
    },
  };
}
