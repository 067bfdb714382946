import type { Cipher, Place } from '#domain/cipher.ts';
import { messageOf } from '#domain/errors.ts';
import type { FinalStatus } from '#domain/execution-status.ts';
import { executionId } from '#domain/ids.ts';
import type { Delivery, MessageView, WebhookTarget, WebhookView } from '#domain/webhook.ts';
import { iso } from './execution-row.ts';
import { decryptValue, encryptValue } from './key-values.ts';

/** Messages of a webhook that are counted; more are shown as so many. */
export const MOST_COUNTED = 10_000;

/** The columns of a webhook that its secret is bound to. */
interface SecretColumns {
  readonly owner: string | null;
  readonly url: string | null;
  readonly encryption_key_hash: string | null;
  /** Null: there is no webhook any more. */
  readonly secret: string | null;
}

/** A row of `webhook` with what is shown of it, its JSON read. */
export interface WebhookRow {
  readonly id: string | number;
  readonly url: string | null;
  readonly statuses: unknown;
  readonly action_ref: string | null;
  readonly pack_ref: string | null;
  readonly delivered_at: Date | number | null;
  readonly problem: string | null;
  readonly paused_at: Date | number | null;
  readonly dropped: number | string;
  readonly created: Date | number;
  readonly callbacks_of: string | null;
  readonly waiting: number;
}

export function readWebhook(row: WebhookRow): WebhookView {
  return {
    id: String(row.id),
    url: row.url ?? undefined,
    callbacksOf: row.callbacks_of ?? undefined,
    statuses: row.statuses as WebhookView['statuses'],
    actionRef: row.action_ref ?? undefined,
    packRef: row.pack_ref ?? undefined,
    waiting: row.waiting,
    delivered: row.delivered_at === null ? undefined : iso(row.delivered_at),
    problem: row.problem ?? undefined,
    isPaused: row.paused_at !== null,
    dropped: Number(row.dropped),
    created: iso(row.created),
  };
}

/** Messages that have ended, of each webhook, that are kept to be shown. */
export const MOST_ENDED = 100;

/** The reason of a dead letter about messages of which too many waited. */
export function tooMany(most: number): string {
  return `more than ${most} messages waited: the oldest are given up`;
}

/** A message that waits or has ended. */
export interface MessageRow extends Pick<DeliveryRow, 'message_id' | 'execution' | 'action_ref' | 'status' | 'tries'> {
  /** Null: it waits. */
  readonly is_delivered: boolean | number | null;
  readonly answer: number | null;
  readonly problem: string | null;
  readonly created: Date | number;
  readonly tried_at: Date | number | null;
  readonly next_at: Date | number | null;
}

export function readMessage(row: MessageRow): MessageView {
  const ended = row.is_delivered ? 'delivered' : 'given-up';
  return {
    messageId: row.message_id,
    execution: executionId(row.execution),
    actionRef: row.action_ref,
    status: row.status,
    state: row.is_delivered === null ? 'waiting' : ended,
    tries: row.tries,
    answer: row.answer ?? undefined,
    problem: row.problem ?? undefined,
    created: iso(row.created),
    tried: row.tried_at === null ? undefined : iso(row.tried_at),
    next: row.next_at === null ? undefined : iso(row.next_at),
  };
}

/** A row of `webhook_delivery` with the webhook that it is for, as far as there still is one. */
export interface DeliveryRow extends SecretColumns {
  readonly id: string | number;
  readonly message_id: string;
  readonly webhook: string | number;
  readonly delivery_url: string | null;
  readonly execution: string | number;
  readonly action_ref: string;
  readonly status: FinalStatus;
  readonly tries: number;
  readonly created: Date | number;
  readonly age_ms: number;
  /** Whether the token whose callback it is may ask for nothing any more. */
  readonly is_revoked: boolean | number;
}

export function readDelivery(row: DeliveryRow, cipher: Cipher | undefined): Delivery {
  return {
    id: String(row.id),
    messageId: row.message_id,
    webhook: String(row.webhook),
    target: row.is_revoked
      ? { problem: 'the token that asked for the callback is revoked or expired' }
      : readTarget({ ...row, target: row.delivery_url }, cipher),
    execution: executionId(row.execution),
    actionRef: row.action_ref,
    status: row.status,
    ended: iso(row.created),
    ageMs: row.age_ms,
    tries: row.tries,
  };
}

/** Reads where something is sent to: to `target`, or else to the address of the webhook. */
export function readTarget(
  row: SecretColumns & { readonly target: string | null },
  cipher: Cipher | undefined,
): WebhookTarget | { readonly problem: string } {
  const { encryption_key_hash: hash, secret: value } = row;
  if (value === null) return { problem: 'the webhook is deleted' };
  try {
    const secret = decryptValue({ what: 'the secret of a webhook', hash, value, place: placeOf(row) }, cipher);
    return { url: row.target ?? row.url ?? '', secret: String(secret) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

export function encryptSecret(
  secret: string,
  of: Pick<SecretColumns, 'owner' | 'url'>,
  cipher: Cipher | undefined,
): { readonly hash: string; readonly value: string } {
  if (!cipher) throw new Error('there is no key to encrypt with');
  return encryptValue(secret, placeOf(of), cipher);
}

function placeOf({ owner, url }: Pick<SecretColumns, 'owner' | 'url'>): Place {
  return ['webhook', 'secret', owner, url];
}
