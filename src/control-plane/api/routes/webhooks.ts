import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { callbacksOf, refusedAddress } from '#control-plane/api/callbacks.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { describeWebhook, noWebhook, requireCipher } from '#control-plane/api/describe-webhooks.ts';
import { id } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { createWebhookSecret } from '#crypto/webhook-signature.ts';
import { flawOfAnswer } from '#domain/webhook.ts';
import { API_PATH } from '#wire/paths.ts';
import {
  callbackSecret,
  createdWebhook,
  type Webhook,
  webhook,
  webhookList,
  webhookRequest,
  webhookTrial,
} from '#wire/webhooks.ts';
import { addChanges } from './webhook-changes.ts';

const tags = ['webhooks'];
/** Each end of an execution is compared with all of them. */
const MOST_WEBHOOKS = 100;

const list = guarded('admin', {
  method: 'get',
  path: '/webhooks',
  operationId: 'listWebhooks',
  tags,
  summary: 'Who is told when executions end, without the secrets',
  responses: { 200: json(webhookList, 'all, by their ids') },
});

const create = guarded('admin', {
  method: 'post',
  path: '/webhooks',
  operationId: 'createWebhook',
  tags,
  summary: 'Tell an address when executions end; the secret that signs its messages is in this answer alone',
  request: { body: body(webhookRequest) },
  responses: { 201: json(createdWebhook, 'made') },
});

const read = guarded('admin', {
  method: 'get',
  path: '/webhooks/{id}',
  operationId: 'readWebhook',
  tags,
  summary: 'One webhook',
  request: { params: id },
  responses: { 200: json(webhook, 'as it is now') },
});

const remove = guarded('admin', {
  method: 'delete',
  path: '/webhooks/{id}',
  operationId: 'deleteWebhook',
  tags,
  summary: 'Delete a webhook with what it was to be told',
  request: { params: id },
  responses: { 204: { description: 'deleted' } },
});

const trial = guarded('admin', {
  method: 'post',
  path: '/webhooks/{id}/test',
  operationId: 'testWebhook',
  tags,
  summary: 'Send a message of the type webhook.test, once and at once',
  request: { params: id },
  responses: { 200: json(webhookTrial, 'what became of it') },
});

const ownSecret = guarded('submit', {
  method: 'post',
  path: '/callback-secret',
  operationId: 'createCallbackSecret',
  tags,
  summary: 'Make a new secret that signs the callbacks of the token that asks, in place of an older one',
  responses: { 201: json(callbackSecret, 'made; it is in this answer alone') },
});

type WebhookDependencies = Pick<ApiDependencies, 'store' | 'settings' | 'clock' | 'webhooks'>;

/** Routes of webhooks and of what signs callbacks. */
export function webhookRoutes(deps: WebhookDependencies): OpenAPIHono<AppEnv> {
  const { store, settings, webhooks } = deps;
  const routes = createRoutes();
  const shown = async (which: string): Promise<Webhook> => {
    const found = await store.findWebhook(which);
    if (!found) throw noWebhook(which);
    return describeWebhook(found);
  };
  routes.openapi(list, async (context) =>
    context.json({ webhooks: (await store.listWebhooks()).map(describeWebhook) }, 200),
  );
  routes.openapi(read, async (context) => context.json(await shown(context.req.valid('param').id), 200));
  routes.openapi(create, async (context) => {
    const { url, statuses, action_ref: actionRef, pack_ref: packRef } = context.req.valid('json');
    requireCipher(settings);
    const flaw = await webhooks.flawOf(url);
    if (flaw !== undefined) throw refusedAddress('url', flaw);
    const secret = createWebhookSecret();
    const made = await store.addWebhook(
      { url, secret, statuses: [...new Set(statuses)], actionRef, packRef },
      MOST_WEBHOOKS,
    );
    if (made === undefined)
      throw new Problem('too-many-webhooks', `there are ${MOST_WEBHOOKS} webhooks already: delete one first`);
    context.set('subject', `webhook ${made}`);
    context.header('location', `${API_PATH}/webhooks/${made}`);
    context.header('cache-control', 'no-store');
    return context.json({ ...(await shown(made)), secret }, 201);
  });
  routes.openapi(remove, async (context) => {
    const { id: which } = context.req.valid('param');
    context.set('subject', `webhook ${which}`);
    if (!(await store.deleteWebhook(which))) throw noWebhook(which);
    return context.body(null, 204);
  });
  routes.openapi(trial, async (context) => {
    const { id: which } = context.req.valid('param');
    context.set('subject', `webhook ${which}`);
    return context.json(await tryOut(deps, which), 200);
  });
  addChanges(routes, { store, settings, shown });
  routes.openapi(ownSecret, async (context) => {
    const token = callbacksOf(settings, context.get('token'));
    requireCipher(settings);
    const secret = createWebhookSecret();
    context.set('subject', `webhook ${await store.saveCallbackSecret(token, secret)}`);
    context.header('cache-control', 'no-store');
    return context.json({ secret }, 201);
  });
  return routes;
}

async function tryOut({ store, clock, webhooks }: WebhookDependencies, which: string) {
  const target = await store.readWebhookTarget(which);
  if (!target) throw noWebhook(which);
  if ('problem' in target) return { delivered: false, status: null, problem: target.problem };
  const timestamp = new Date(clock.now()).toISOString();
  const text = JSON.stringify({ type: 'webhook.test', timestamp, data: { webhook: Number(which) } });
  const outcome = await webhooks.send({ ...target, id: `msg_${crypto.randomUUID().replaceAll('-', '')}`, body: text });
  const problem = flawOfAnswer(outcome) ?? null;
  return { delivered: problem === null, status: outcome.kind === 'answered' ? outcome.status : null, problem };
}
