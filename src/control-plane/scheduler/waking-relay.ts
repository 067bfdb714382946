import { EXCHANGES, type Hint, type OutboxMessage } from '#domain/messages.ts';
import type { Relay } from '#domain/outbox-relay.ts';

const WAKING: readonly string[] = ['execution.requested', 'execution.completed'];

/** The relay of a process with a scheduler of its own: a hint that would wake one wakes that, and needs no broker. */
export function wakingRelay(relay: Relay, wake: () => void): Relay {
  return {
    ...relay,
    publish: (messages) => {
      const others = messages.filter((message) => !isWakingHint(message));
      if (others.length < messages.length) wake();
      relay.publish(others);
    },
  };
}

function isWakingHint({ outboxId, exchange, routingKey }: OutboxMessage | Hint): boolean {
  return outboxId === undefined && exchange === EXCHANGES.executions && WAKING.includes(routingKey);
}
