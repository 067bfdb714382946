import type {
  Delivery,
  DeliveryEnd,
  DroppedMessages,
  MessageView,
  NewWebhook,
  WebhookTarget,
  WebhookView,
} from './webhook.ts';

/** The part of a store that keeps webhooks for the API. */
export interface WebhookStore {
  /** Stores a webhook, its secret encrypted, and returns its id; undefined if there are `most` already. */
  addWebhook(webhook: NewWebhook, most: number): Promise<string | undefined>;
  /** Lists webhooks by their ids, with those that sign the callbacks of tokens. */
  listWebhooks(): Promise<readonly WebhookView[]>;
  findWebhook(id: string): Promise<WebhookView | undefined>;
  /** Deletes a webhook with what it was to be told; false if there is none. */
  deleteWebhook(id: string): Promise<boolean>;
  /** Lets nothing be sent to a webhook, or lets it be sent again; false if there is none. */
  pauseWebhook(id: string, isPaused: boolean): Promise<boolean>;
  /** Lets the messages of a webhook be signed with another secret from now on; false if none has this id and an address. */
  saveWebhookSecret(id: string, secret: string): Promise<boolean>;
  /** Lists up to `most` messages of a webhook that wait, the next ones first, and then the last ones that have ended. */
  listMessages(id: string, most: number): Promise<readonly MessageView[]>;
  /** Reads where a webhook is sent to; undefined if there is none, or it has no address of its own. */
  readWebhookTarget(id: string): Promise<WebhookTarget | { readonly problem: string } | undefined>;
  /** Stores the secret, encrypted, with which the callbacks of a token are signed from now on; returns its webhook's id. */
  saveCallbackSecret(token: string, secret: string): Promise<string>;
  /** Tells whether the callbacks of a token can be signed. */
  hasCallbackSecret(token: string): Promise<boolean>;
}

/** The part of a store that hands out what webhooks are to be sent. */
export interface DeliveryStore {
  /**
   * Takes what is due, of the webhooks in any order, and of each what is oldest; nobody else is given it for `leaseMs`.
   */
  takeDeliveries(bounds: DeliveryBounds): Promise<readonly Delivery[]>;
  /** Notes what became of a try; false if another server has taken the message since, or it is gone. */
  endDelivery(delivery: Pick<Delivery, 'id' | 'tries' | 'webhook'>, end: DeliveryEnd): Promise<boolean>;
  /** Gives up the oldest messages, up to `limit`, of each webhook for which more than `most` wait; one dead letter tells of them. */
  dropMessages(bounds: { readonly most: number; readonly limit: number }): Promise<readonly DroppedMessages[]>;
}

export interface DeliveryBounds {
  readonly limit: number;
  /** The most of a webhook that is not in `rooms`. */
  readonly perWebhook: number;
  /** The most of these webhooks. */
  readonly rooms: Readonly<Record<string, number>>;
  readonly leaseMs: number;
}
