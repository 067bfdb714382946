import type { AgentStore } from '#domain/agent-store.ts';
import type { Broker } from '#domain/broker.ts';
import type { Relay } from '#domain/outbox-relay.ts';

/** What a worker reaches the rest of Attune by. */
export interface Connection {
  readonly store: AgentStore;
  readonly broker: Broker;
  readonly relay: Relay;
}
