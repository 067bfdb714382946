import { z } from 'zod';
import { FINAL_STATUSES } from '#domain/execution-status.ts';
import { oneOfToday } from './values.ts';

const MOST_URL = 2000;

/** An address outside that a server sends messages to. */
export const outsideUrl = z
  .string()
  .max(MOST_URL)
  .regex(
    /^https?:\/\/[^\s/?#@\\]+([/?][^\s#]*)?$/,
    'expected a URL that begins with https:// or http://, without user and #',
  )
  .meta({ example: 'https://example.com/hooks/attune' });

/** A webhook as the API shows it: its secret never. */
export const webhook = z
  .object({
    id: z.int(),
    url: z.string().nullable().meta({
      description: 'with *** for its query; null: it signs the callbacks of a token, each of which names its own',
    }),
    callbacks_of: z.string().nullable().meta({ description: 'the name of that token' }),
    statuses: z.array(oneOfToday(FINAL_STATUSES)).meta({ description: 'empty: any' }),
    action_ref: z.string().nullable(),
    pack_ref: z.string().nullable(),
    waiting: z.int().meta({ description: 'messages that are not delivered yet, 10000 at most' }),
    last_delivered: z.string().nullable(),
    problem: z.string().nullable().meta({ description: 'why the last try came to nothing' }),
    paused: z.boolean().meta({ description: 'whether nothing is sent to it for now' }),
    dropped: z.int().meta({ description: 'messages that were given up because too many waited' }),
    created: z.string(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhook>;

export const webhookList = z.object({ webhooks: z.array(webhook) });
export type WebhookList = z.infer<typeof webhookList>;

/** The body of `POST /webhooks`. */
export const webhookRequest = z
  .strictObject({
    url: outsideUrl,
    statuses: z
      .array(z.enum(FINAL_STATUSES))
      .max(FINAL_STATUSES.length)
      .default([])
      .meta({ description: 'the ends to tell of; empty: all of them' }),
    action_ref: z.string().min(1).max(500).optional().meta({ description: 'of executions of this action alone' }),
    pack_ref: z.string().min(1).max(500).optional().meta({ description: 'of executions of this pack alone' }),
  })
  .meta({
    id: 'WebhookRequest',
    example: { url: 'https://example.com/hooks/attune', statuses: ['failed', 'timeout'], pack_ref: 'sample' },
  });
export type WebhookRequest = z.input<typeof webhookRequest>;

const secret = z
  .string()
  .meta({ description: 'what messages are signed with, by the Standard Webhooks specification' });

/** The only answer with the secret of a webhook. */
export const createdWebhook = webhook.extend({ secret }).meta({ id: 'CreatedWebhook' });
export type CreatedWebhook = z.infer<typeof createdWebhook>;

/** The only answer with the secret with which the callbacks of the token that asks are signed. */
export const callbackSecret = z.object({ secret }).meta({ id: 'CallbackSecret' });

/** What has become of a message of a webhook. */
const webhookMessage = z
  .object({
    message_id: z.string().meta({ description: 'the webhook-id of each try' }),
    execution: z.int(),
    action_ref: z.string(),
    status: oneOfToday(FINAL_STATUSES).meta({ description: 'how the execution ended' }),
    state: oneOfToday(['waiting', 'delivered', 'given-up']),
    tries: z.int(),
    answer: z
      .int()
      .nullable()
      .meta({ description: 'the HTTP status of the answer to the last try; null: there was none' }),
    problem: z.string().nullable().meta({ description: 'why the last try came to nothing' }),
    created: z.string(),
    tried: z.string().nullable().meta({ description: 'when the last try was made' }),
    next_try: z.string().nullable().meta({ description: 'when the next try may be made' }),
  })
  .meta({ id: 'WebhookMessage' });
export type WebhookMessage = z.infer<typeof webhookMessage>;

/** The messages of a webhook. */
export const webhookMessageList = z.object({
  messages: z
    .array(webhookMessage)
    .meta({ description: 'those that wait, the next one first, 100 at most; then the last 100 that have ended' }),
});
export type WebhookMessageList = z.infer<typeof webhookMessageList>;

/** What became of a message that was sent to try a webhook. */
export const webhookTrial = z
  .object({
    delivered: z.boolean(),
    status: z.int().nullable().meta({ description: 'the HTTP status of the answer; null: there was none' }),
    problem: z.string().nullable(),
  })
  .meta({ id: 'WebhookTrial' });
export type WebhookTrial = z.infer<typeof webhookTrial>;
