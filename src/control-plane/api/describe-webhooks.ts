import type { MessageView, WebhookView } from '#domain/webhook.ts';
import type { Webhook, WebhookMessage } from '#wire/webhooks.ts';
import type { ApiDependencies } from './dependencies.ts';
import { Problem } from './problem.ts';

export function describeWebhook(view: WebhookView): Webhook {
  return {
    id: Number(view.id),
    url: view.url?.replace(/\?.*$/, '?***') ?? null,
    callbacks_of: view.callbacksOf ?? null,
    statuses: [...view.statuses],
    action_ref: view.actionRef ?? null,
    pack_ref: view.packRef ?? null,
    waiting: view.waiting,
    last_delivered: view.delivered ?? null,
    problem: view.problem ?? null,
    paused: view.isPaused,
    dropped: view.dropped,
    created: view.created,
  };
}

export function describeMessage(view: MessageView): WebhookMessage {
  return {
    message_id: `msg_${view.messageId.replaceAll('-', '')}`,
    execution: Number(view.execution),
    action_ref: view.actionRef,
    status: view.status,
    state: view.state,
    tries: view.tries,
    answer: view.answer ?? null,
    problem: view.problem ?? null,
    created: view.created,
    tried: view.tried ?? null,
    next_try: view.next ?? null,
  };
}

export function noWebhook(which: string): Problem {
  return new Problem('not-found', `there is no webhook ${which}`);
}

/** Throws a problem where secrets cannot be encrypted. */
export function requireCipher({ hasCipher }: Pick<ApiDependencies['settings'], 'hasCipher'>): void {
  if (!hasCipher)
    throw new Problem('not-configured', 'secrets cannot be encrypted: set ATTUNE__SECURITY__ENCRYPTION_KEY');
}
