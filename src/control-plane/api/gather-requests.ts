import type { ClientStore, ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { Unavailable } from '#domain/unavailable.ts';

const MOST_AT_ONCE = 100;

type Waiting = PromiseWithResolvers<ExecutionId | undefined> & { readonly request: ExecutionRequest };

/**
 * What is requested while a statement is on its way goes together into the next one. Undefined: no such action. Nothing
 * waits when nothing is on its way.
 */
export function gatherRequests({
  store,
  relay,
}: {
  readonly store: ClientStore;
  readonly relay: Relay;
}): (request: ExecutionRequest) => Promise<ExecutionId | undefined> {
  let waiting: Waiting[] = [];
  let isBusy = false;
  const submit = async (batch: readonly Waiting[]): Promise<void> => {
    const { executions, messages } = await store.request(batch.map((one) => one.request));
    relay.publish(messages);
    for (const [n, { resolve }] of batch.entries()) resolve(executions[n]);
  };
  const work = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(batch.length);
      /* One that the database refuses must not take the others with it. */
      await submit(batch).catch(async (error: unknown) => {
        /* What was on its way when the database went may have arrived: nothing is asked for twice. */
        const isHopeless = batch.length === 1 || error instanceof Unavailable;
        for (const one of batch)
          if (isHopeless) one.reject(error);
          else await submit([one]).catch(one.reject);
      });
    }
    isBusy = false;
  };
  return (request) => {
    const one = { request, ...Promise.withResolvers<ExecutionId | undefined>() };
    waiting.push(one);
    if (!isBusy) void work();
    return one.promise;
  };
}
