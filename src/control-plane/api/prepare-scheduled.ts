import type { TokenHolder } from '#domain/admin-store.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { DueSchedule } from '#domain/schedule.ts';
import { takeTurns } from '#domain/turns.ts';
import type { ApiDependencies } from './dependencies.ts';
import { prepareRequest } from './prepare-request.ts';
import { Problem } from './problem.ts';
import type { UnfinishedQuota } from './unfinished-quota.ts';

/** Prepares what a schedule requests, by the same checks as a request of the API. The error says why it cannot be requested. */
export async function prepareScheduled(
  deps: Pick<ApiDependencies, 'store' | 'packs' | 'settings'> & { readonly quota: UnfinishedQuota },
  { id, actionRef, parameters, unreadable }: DueSchedule,
): Promise<Result<ExecutionRequest, string>> {
  if (unreadable !== undefined) return failure(unreadable);
  const requester = `schedule ${id}`;
  const caller: TokenHolder = { id: undefined, name: requester, scopes: ['submit', 'read'] };
  try {
    const request = await prepareRequest({ ...deps, turn: takeTurns() }, { action_ref: actionRef, parameters }, caller);
    using place = await deps.quota.take(requester);
    return place ? success({ ...request, requestedBy: requester }) : failure(deps.quota.problem().message);
  } catch (error) {
    if (error instanceof Problem) return failure(error.message);
    throw error;
  }
}
