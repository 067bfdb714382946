import type { ClientStore, ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { createBatchedCall } from './batched-call.ts';

/** Requests of one statement. */
const MOST_AT_ONCE = 100;
/** Bytes of the requests of one statement, which are written in one step; one that has more is alone. */
const MOST_BYTES = 512 * 1024;
const MOST_WAITING = 10_000;

interface GatherDependencies {
  readonly store: Pick<ClientStore, 'request'>;
  readonly relay: Pick<Relay, 'publish'>;
}

interface Sized {
  readonly request: ExecutionRequest;
  readonly bytes: number;
}

/**
 * Makes a function that requests executions: requests that come while a statement is under way share the next one, as
 * far as they are small. Resolves with undefined if there is no such action. `bytes`: about so many has the request.
 */
export function gatherRequests({
  store,
  relay,
}: GatherDependencies): (request: ExecutionRequest, bytes: number) => Promise<ExecutionId | undefined> {
  const call = createBatchedCall<Sized, ExecutionId>(
    async (all) => {
      const { executions, messages } = await store.request(all.map(({ request }) => request));
      relay.publish(messages);
      return executions;
    },
    { most: MOST_AT_ONCE, mostWaiting: MOST_WAITING, mostSize: MOST_BYTES, sizeOf: ({ bytes }) => bytes },
  );
  return (request, bytes) => call({ request, bytes });
}
