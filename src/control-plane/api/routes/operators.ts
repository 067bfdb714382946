import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { id, ref } from '#control-plane/api/parameters.ts';
import { placeAmong } from '#control-plane/api/place-among.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createActivity } from '#control-plane/api/read-activity.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { noExecution, requireSeen } from '#control-plane/api/seen.ts';
import { letsThrough } from '#domain/confinement.ts';
import { executionId } from '#domain/ids.ts';
import type { AttemptView } from '#domain/operator-store.ts';
import { activity } from '#wire/activity.ts';
import { type Attempt, attemptList } from '#wire/attempts.ts';
import { placement } from '#wire/placement.ts';

const hour = guarded('read', {
  method: 'get',
  path: '/activity',
  operationId: 'readActivity',
  tags: ['executions'],
  summary: 'What happened in each minute of the last hour',
  responses: { 200: json(activity, 'as it was some seconds ago at most') },
});

const attempts = guarded('read', {
  method: 'get',
  path: '/executions/{id}/attempts',
  operationId: 'listAttempts',
  tags: ['executions'],
  summary: 'The attempts of an execution, with what each step took',
  request: { params: id },
  responses: { 200: json(attemptList, 'all of them') },
});

const placeOfExecution = guarded('read', {
  method: 'get',
  path: '/executions/{id}/placement',
  operationId: 'placeExecution',
  tags: ['executions'],
  summary: 'Which workers can run an execution, and what the others miss',
  request: { params: id },
  responses: { 200: json(placement, 'by the rules of the scheduler') },
});

const placeOfAction = guarded('read', {
  method: 'get',
  path: '/actions/{ref}/placement',
  operationId: 'placeAction',
  tags: ['packs'],
  summary: 'Which workers can run an action, and what the others miss',
  request: { params: ref },
  responses: { 200: json(placement, 'by the rules of the scheduler') },
});

const retry = guarded('admin', {
  method: 'post',
  path: '/environments/{key}/retry',
  operationId: 'retryEnvironment',
  tags: ['environments'],
  summary: 'End the pause after a failed installation: who needs it next tries again',
  request: { params: z.object({ key: z.string().min(1).max(2000) }) },
  responses: { 204: { description: 'the pause is over' } },
});

/** Routes for whoever asks what happens, why something waits, and what it took. */
export function operatorRoutes(deps: Pick<ApiDependencies, 'store' | 'clock' | 'settings'>): OpenAPIHono<AppEnv> {
  const { store } = deps;
  const readActivity = createActivity(deps);
  const routes = createRoutes();
  routes.openapi(hour, async (context) => context.json(await readActivity(context.get('token').confinedTo), 200));
  routes.openapi(attempts, async (context) => {
    const execution = executionId(context.req.valid('param').id);
    await requireSeen(store, execution, context.get('token'));
    const found = await store.readAttempts(execution);
    if (!found) throw noExecution(execution);
    return context.json({ attempts: found.map(describeAttempt) }, 200);
  });
  routes.openapi(placeOfExecution, async (context) => {
    const execution = executionId(context.req.valid('param').id);
    await requireSeen(store, execution, context.get('token'));
    const needs = await store.readRequirements({ execution });
    if (!needs) throw noExecution(execution);
    return context.json(await placeAmong(needs, deps), 200);
  });
  routes.openapi(placeOfAction, async (context) => {
    const { ref: actionRef } = context.req.valid('param');
    const isSeen = letsThrough(context.get('token').confinedTo, actionRef);
    const needs = isSeen ? await store.readRequirements({ actionRef }) : undefined;
    if (!needs) throw new Problem('not-found', `there is no action '${actionRef}'`);
    return context.json(await placeAmong(needs, deps), 200);
  });
  routes.openapi(retry, async (context) => {
    const { key } = context.req.valid('param');
    context.set('subject', `environment ${key}`);
    if (!(await store.retryEnvironment(key)))
      throw new Problem('not-found', `there is no environment '${key}' whose installation has failed`);
    return context.body(null, 204);
  });
  return routes;
}

function describeAttempt(view: AttemptView): Attempt {
  return {
    attempt: view.attempt,
    worker: view.worker === undefined ? null : Number(view.worker),
    worker_name: view.workerName ?? null,
    scheduled_at: view.scheduledAt ?? null,
    claimed_at: view.claimedAt ?? null,
    ended_at: view.endedAt ?? null,
    prepared_ms: view.preparedMs ?? null,
    ran_ms: view.ranMs ?? null,
    reason: view.reason ?? null,
  };
}
