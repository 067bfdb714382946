import type { ClientStore, ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { createBatchedCall } from './batched-call.ts';

/** Requests of one statement. */
const MOST_AT_ONCE = 100;
const MOST_WAITING = 10_000;

interface GatherDependencies {
  readonly store: Pick<ClientStore, 'request'>;
  readonly relay: Pick<Relay, 'publish'>;
}

/**
 * Makes a function that requests executions: requests that come while a statement is under way share the next one.
 * Resolves with undefined if there is no such action.
 */
export function gatherRequests({
  store,
  relay,
}: GatherDependencies): (request: ExecutionRequest) => Promise<ExecutionId | undefined> {
  return createBatchedCall<ExecutionRequest, ExecutionId>(
    async (requests) => {
      const { executions, messages } = await store.request(requests);
      relay.publish(messages);
      return executions;
    },
    { most: MOST_AT_ONCE, mostWaiting: MOST_WAITING },
  );
}
