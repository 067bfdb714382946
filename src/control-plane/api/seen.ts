import type { TokenHolder } from '#domain/admin-store.ts';
import type { ClientStore } from '#domain/client-store.ts';
import { letsThrough } from '#domain/confinement.ts';
import type { ExecutionView } from '#domain/execution-view.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { allows } from './auth.ts';
import { Problem } from './problem.ts';

type Store = Pick<ClientStore, 'readExecution'>;

/** Reads an execution that the caller may see; one that it may not see does not exist for it. */
export async function findSeen(store: Store, execution: ExecutionId, caller: TokenHolder): Promise<ExecutionView> {
  const view = await store.readExecution(execution);
  if (!view || !maySee(view, caller)) throw noExecution(execution);
  return view;
}

/** Throws the problem of an execution that does not exist where a caller with the scope `read` may not see one. */
export async function requireSeen(store: Store, execution: ExecutionId, caller: TokenHolder): Promise<void> {
  if (caller.confinedTo) await findSeen(store, execution, caller);
}

export function noExecution(execution: string): Problem {
  return new Problem('not-found', `there is no execution ${execution}`);
}

/**
 * Tells whether a caller may see that an execution exists: with the scope `read` all of those to whose actions it is
 * confined, else its own.
 */
function maySee(view: ExecutionView, caller: TokenHolder): boolean {
  return (
    letsThrough(caller.confinedTo, view.actionRef) &&
    (allows(caller, 'read') || view.requestedBy === requesterOf(caller))
  );
}

/** The requester as executions and idempotency keys name it: the id of a token, or `execution N`. */
export function requesterOf({ id, name }: TokenHolder): string {
  return id ?? name;
}
