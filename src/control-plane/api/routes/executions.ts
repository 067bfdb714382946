import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { checkCallback } from '#control-plane/api/callbacks.ts';
import type { ApiDependencies, RouteDependencies } from '#control-plane/api/dependencies.ts';
import { describeExecution, describeListed } from '#control-plane/api/describe-views.ts';
import { gatherRequests } from '#control-plane/api/gather-requests.ts';
import { withoutTokens } from '#control-plane/api/note-answers.ts';
import { id } from '#control-plane/api/parameters.ts';
import { prepareRepeated, prepareRequest, unknownAction } from '#control-plane/api/prepare-request.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { findSeen, noExecution, requesterOf } from '#control-plane/api/seen.ts';
import { createUnfinishedQuota, type UnfinishedQuota } from '#control-plane/api/unfinished-quota.ts';
import { sha256Of } from '#crypto/sha256.ts';
import type { TokenHolder } from '#domain/admin-store.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionOrigin } from '#domain/execution-origin.ts';
import type { ExecutionFilter } from '#domain/execution-view.ts';
import { type ExecutionId, executionId, workerId } from '#domain/ids.ts';
import {
  type Execution,
  execution,
  executionPage,
  executionQuery,
  executionRequest,
  waitQuery,
} from '#wire/executions.ts';
import { API_PATH } from '#wire/paths.ts';

const idempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'sent again within a day, the request is answered with the execution of the first time' }),
});

const create = guarded('submit', {
  method: 'post',
  path: '/executions',
  operationId: 'requestExecution',
  tags: ['executions'],
  summary: 'Request an execution of an action, or of code',
  request: { query: waitQuery, headers: idempotencyKey, body: body(executionRequest) },
  responses: { 201: json(execution, 'requested'), 200: json(execution, 'had been requested with this key already') },
});

const list = guarded('read', {
  method: 'get',
  path: '/executions',
  operationId: 'listExecutions',
  tags: ['executions'],
  summary: 'Executions, newest first',
  request: { query: executionQuery },
  responses: { 200: json(executionPage, 'one page') },
});

const read = guarded('read', {
  method: 'get',
  path: '/executions/{id}',
  operationId: 'readExecution',
  tags: ['executions'],
  summary: 'One execution',
  request: { params: id, query: waitQuery },
  responses: { 200: json(execution, 'as it is now') },
});

const cancel = guarded('submit', {
  method: 'post',
  path: '/executions/{id}/cancel',
  operationId: 'cancelExecution',
  tags: ['executions'],
  summary: 'Ask for the end of an execution',
  request: { params: id },
  responses: { 202: json(execution, 'asked for; one that has ended stays as it is') },
});

const rerun = guarded('submit', {
  method: 'post',
  path: '/executions/{id}/rerun',
  operationId: 'rerunExecution',
  tags: ['executions'],
  summary: 'Request the same once more',
  request: { params: id, query: waitQuery, headers: idempotencyKey },
  responses: { 201: json(execution, 'requested'), 200: json(execution, 'had been requested with this key already') },
});

type ExecutionDependencies = Pick<
  RouteDependencies,
  'store' | 'relay' | 'packs' | 'settings' | 'ends' | 'webhooks' | 'clock'
>;

export function executionRoutes(deps: ExecutionDependencies): OpenAPIHono<AppEnv> {
  const { store, relay, ends } = deps;
  const quota = createUnfinishedQuota(deps, deps.settings.mostUnfinished);
  const submitting = { store, relay, packs: deps.packs, gather: gatherRequests(deps), quota };
  const routes = createRoutes();
  routes.openapi(create, async (context) => {
    using place = ends.enter(waitOf(context, context.req.valid('query')));
    const request = await prepareAsked(deps, context.req.valid('json'), context.var);
    const { 'idempotency-key': key } = context.req.valid('header');
    const { made, isNew } = await submit(submitting, request, { key, ...senderOf(context) });
    context.set('subject', subjectOf(made, request));
    context.header('location', `${API_PATH}/executions/${made}`);
    const view = await place.untilEnd(made, () => viewFor(context.get('token'), deps, made), { isNew });
    return context.json(view, isNew ? 201 : 200);
  });
  routes.openapi(list, async (context) => {
    const query = context.req.valid('query');
    const { executions, hasMore, next: rest } = await store.listExecutions(filterOf(query, context.get('token')));
    const page = executions.map((one) => describeListed(one, context.get('token'), query.fields));
    const next = hasMore ? (rest ?? executions.at(-1)?.execution ?? null) : null;
    return context.json({ executions: page, next_cursor: next }, 200);
  });
  routes.openapi(read, async (context) => {
    using place = ends.enter(waitOf(context, context.req.valid('query')));
    const execution = executionId(context.req.valid('param').id);
    return context.json(await place.untilEnd(execution, () => viewFor(context.get('token'), deps, execution)), 200);
  });
  routes.openapi(cancel, async (context) => {
    const execution = executionId(context.req.valid('param').id);
    await viewFor(context.get('token'), deps, execution);
    context.set('subject', `execution ${execution}`);
    const cancelled = await store.cancel(execution, `token '${context.get('token').name}'`);
    if (!cancelled) throw noExecution(execution);
    relay.publish(cancelled.messages);
    return context.json(await viewFor(context.get('token'), deps, execution), 202);
  });
  routes.openapi(rerun, async (context) => {
    using place = ends.enter(waitOf(context, context.req.valid('query')));
    const execution = executionId(context.req.valid('param').id);
    await viewFor(context.get('token'), deps, execution);
    const earlier = await store.readRequest(execution);
    if (!earlier) throw noExecution(execution);
    const { turn, token } = context.var;
    const request = await prepareRepeated({ ...deps, turn }, earlier, token);
    const { 'idempotency-key': key } = context.req.valid('header');
    const { made, isNew } = await submit(submitting, request, { key, ...senderOf(context) });
    context.set('subject', subjectOf(made, request));
    context.header('location', `${API_PATH}/executions/${made}`);
    const view = await place.untilEnd(made, () => viewFor(context.get('token'), deps, made), { isNew });
    return context.json(view, isNew ? 201 : 200);
  });
  return routes;
}

/** What a request has made, and the keys that it has named, for the audit log. */
function subjectOf(made: ExecutionId, { parameterKeys = {} }: ExecutionRequest): string {
  const keys = Object.values(parameterKeys);
  return keys.length === 0
    ? `execution ${made}`
    : `execution ${made} with ${keys.map((one) => `key ${one}`).join(', ')}`;
}

async function prepareAsked(
  deps: ExecutionDependencies,
  asked: z.output<typeof executionRequest>,
  { turn, token }: Pick<AppEnv['Variables'], 'turn' | 'token'>,
): Promise<ExecutionRequest> {
  const callbackUrl = await checkCallback(deps, asked.callback_url, token);
  return { ...(await prepareRequest({ ...deps, turn }, asked, token)), callbackUrl };
}

/** What decides for how long a request waits. */
function waitOf(context: Context<AppEnv>, { wait }: z.output<typeof waitQuery>) {
  return { hash: context.get('tokenHash'), seconds: wait, gone: context.req.raw.signal };
}

function filterOf(query: z.output<typeof executionQuery>, { confinedTo }: TokenHolder): ExecutionFilter {
  const { worker, parent, cursor, fields } = query;
  const timeOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    statuses: query.status,
    actionRef: query.action_ref,
    packRef: query.pack_ref,
    worker: worker === undefined ? undefined : workerId(worker),
    requestedBy: query.requested_by,
    parent: parent === undefined ? undefined : executionId(parent),
    createdAfter: timeOf(query.created_after),
    createdBefore: timeOf(query.created_before),
    text: query.q,
    confinedTo,
    before: cursor === undefined ? undefined : executionId(cursor),
    limit: query.limit,
    isLean: !(fields.includes('parameters') || fields.includes('result')),
  };
}

/** The execution as the caller may see it; one that it may not see does not exist for it. */
async function viewFor(
  caller: TokenHolder,
  { store }: Pick<ApiDependencies, 'store'>,
  execution: ExecutionId,
): Promise<Execution> {
  return describeExecution(await findSeen(store, execution, caller), caller);
}

interface SubmitDependencies extends Omit<ExecutionDependencies, 'settings' | 'ends' | 'webhooks' | 'clock'> {
  readonly quota: UnfinishedQuota;
  readonly gather: ReturnType<typeof gatherRequests>;
}

interface Sender {
  readonly owner: string;
  /** The size of the body of the request. */
  readonly bytes: number;
  readonly origin: ExecutionOrigin;
}

/** Who sends a request, and by what it is known. */
function senderOf(context: Context<AppEnv>): Sender {
  const requestId = withoutTokens(context.get('requestId'));
  const { token, bytes, traceparent } = context.var;
  return { owner: requesterOf(token), bytes, origin: { requestId, traceparent } };
}

async function submit(
  { store, relay, packs, gather, quota }: SubmitDependencies,
  request: ExecutionRequest,
  { owner, origin, key, bytes }: Sender & { readonly key: string | undefined },
): Promise<{ readonly made: ExecutionId; readonly isNew: boolean }> {
  const requested = { ...request, requestedBy: owner, origin };
  using place = await quota.take(owner);
  if (key === undefined) {
    if (!place) throw quota.problem();
    const made = await gather(requested, bytes);
    if (made === undefined) throw await unknownAction({ store, packs }, request.actionRef);
    return { made, isNew: true };
  }
  const requestHash = sha256Of(JSON.stringify(request));
  const once = await store.requestOnce(requested, { owner, key, requestHash, isFull: place === undefined });
  switch (once.kind) {
    case 'requested':
      relay.publish(once.messages);
      return { made: once.execution, isNew: true };
    case 'repeated':
      return { made: once.execution, isNew: false };
    case 'other-request':
      throw new Problem('idempotency-conflict', `another request has been made with Idempotency-Key '${key}'`);
    case 'full':
      throw quota.problem();
    case 'no-action':
      throw await unknownAction({ store, packs }, request.actionRef);
  }
}
