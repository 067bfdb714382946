import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { describeMessage, noWebhook, requireCipher } from '#control-plane/api/describe-webhooks.ts';
import { id } from '#control-plane/api/parameters.ts';
import { guarded, json } from '#control-plane/api/route.ts';
import { createWebhookSecret } from '#crypto/webhook-signature.ts';
import { createdWebhook, type Webhook, webhook, webhookMessageList } from '#wire/webhooks.ts';

const tags = ['webhooks'];
/** How many messages of a webhook are listed: so many that wait, and so many that have ended. */
const MOST_MESSAGES = 100;

const pause = guarded('admin', {
  method: 'post',
  path: '/webhooks/{id}/pause',
  operationId: 'pauseWebhook',
  tags,
  summary: 'Send nothing to a webhook until it is resumed; what ends meanwhile waits',
  request: { params: id },
  responses: { 200: json(webhook, 'paused') },
});

const resume = guarded('admin', {
  method: 'post',
  path: '/webhooks/{id}/resume',
  operationId: 'resumeWebhook',
  tags,
  summary: 'Send to a webhook again, also what has waited',
  request: { params: id },
  responses: { 200: json(webhook, 'resumed') },
});

const renew = guarded('admin', {
  method: 'post',
  path: '/webhooks/{id}/secret',
  operationId: 'renewWebhookSecret',
  tags,
  summary: 'Sign the messages of a webhook with a new secret from now on, which is in this answer alone',
  request: { params: id },
  responses: { 201: json(createdWebhook, 'made') },
});

const messages = guarded('admin', {
  method: 'get',
  path: '/webhooks/{id}/messages',
  operationId: 'listWebhookMessages',
  tags,
  summary: 'What has become of the messages of a webhook: those that wait, and the last ones that have ended',
  request: { params: id },
  responses: { 200: json(webhookMessageList, 'those that wait first') },
});

interface ChangeDependencies extends Pick<ApiDependencies, 'store' | 'settings'> {
  /** Throws a problem where there is no such webhook. */
  shown(which: string): Promise<Webhook>;
}

/** Adds the routes that change webhooks and tell what has become of their messages. */
export function addChanges(routes: OpenAPIHono<AppEnv>, { store, settings, shown }: ChangeDependencies): void {
  for (const [route, isPaused] of [
    [pause, true],
    [resume, false],
  ] as const)
    routes.openapi(route, async (context) => {
      const { id: which } = context.req.valid('param');
      context.set('subject', `webhook ${which}`);
      if (!(await store.pauseWebhook(which, isPaused))) throw noWebhook(which);
      return context.json(await shown(which), 200);
    });
  routes.openapi(renew, async (context) => {
    const { id: which } = context.req.valid('param');
    context.set('subject', `webhook ${which}`);
    requireCipher(settings);
    const secret = createWebhookSecret();
    if (!(await store.saveWebhookSecret(which, secret))) throw noWebhook(which);
    context.header('cache-control', 'no-store');
    return context.json({ ...(await shown(which)), secret }, 201);
  });
  routes.openapi(messages, async (context) => {
    const { id: which } = context.req.valid('param');
    if (!(await store.findWebhook(which))) throw noWebhook(which);
    return context.json({ messages: (await store.listMessages(which, MOST_MESSAGES)).map(describeMessage) }, 200);
  });
}
