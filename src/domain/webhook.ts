import type { FinalStatus } from './execution-status.ts';
import type { ExecutionId } from './ids.ts';

/** The ends of executions that a webhook is told of: those that meet each of its conditions. */
interface WebhookFilter {
  /** Empty: any. */
  readonly statuses: readonly FinalStatus[];
  readonly actionRef: string | undefined;
  readonly packRef: string | undefined;
}

export interface NewWebhook extends WebhookFilter {
  readonly url: string;
  /** What its messages are signed with. */
  readonly secret: string;
}

export interface WebhookView extends WebhookFilter {
  readonly id: string;
  /** Undefined: it signs the callbacks of a token, each of which has an address of its own. */
  readonly url: string | undefined;
  /** The name of that token. */
  readonly callbacksOf: string | undefined;
  /** Messages that are not delivered yet, up to a bound. */
  readonly waiting: number;
  /** The last delivery, as ISO 8601. */
  readonly delivered: string | undefined;
  /** Why the last try came to nothing; undefined: it did not. */
  readonly problem: string | undefined;
  /** Whether nothing is sent to it for now; what ends meanwhile waits. */
  readonly isPaused: boolean;
  /** Messages that were given up because too many waited, since the webhook was made. */
  readonly dropped: number;
  /** ISO 8601. */
  readonly created: string;
}

/** What has become of a message of a webhook. */
export interface MessageView {
  readonly messageId: string;
  readonly execution: ExecutionId;
  readonly actionRef: string;
  /** How the execution ended. */
  readonly status: FinalStatus;
  readonly state: 'waiting' | 'delivered' | 'given-up';
  readonly tries: number;
  /** The HTTP status of the answer to the last try; undefined: there was none. */
  readonly answer: number | undefined;
  /** Why the last try came to nothing. */
  readonly problem: string | undefined;
  /** ISO 8601, as the next two are. */
  readonly created: string;
  readonly tried: string | undefined;
  /** When the next try may be made; undefined: there is none. */
  readonly next: string | undefined;
}

/** Messages of a webhook that were given up because more than a bound waited. */
export interface DroppedMessages {
  readonly webhook: string;
  readonly count: number;
}

/** An address and what is signed with for it. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** A message about the end of an execution, taken by one server, which alone tries to deliver it for a while. */
export interface Delivery {
  readonly id: string;
  /** The id of the message, the same in each try to deliver it. */
  readonly messageId: string;
  readonly webhook: string;
  /** A sentence instead of a target: it cannot be delivered, ever. */
  readonly target: WebhookTarget | { readonly problem: string };
  readonly execution: ExecutionId;
  readonly actionRef: string;
  readonly status: FinalStatus;
  /** When the execution ended, as ISO 8601. */
  readonly ended: string;
  /** For how long it has waited. */
  readonly ageMs: number;
  /** The number of this try to deliver the message, from one. */
  readonly tries: number;
}

/** What became of a try, with the HTTP status of the answer where there was one. */
export type DeliveryEnd = { readonly answer?: number | undefined } & (
  | { readonly kind: 'delivered' }
  | { readonly kind: 'later'; readonly afterMs: number; readonly problem: string }
  | { readonly kind: 'given-up'; readonly problem: string }
);

/** A message as it is sent. */
export interface WebhookMessage extends WebhookTarget {
  readonly id: string;
  readonly body: string;
}

/** Sends messages to addresses outside. */
export interface WebhookSender {
  /** Says why nothing is ever sent to an address; undefined: there is no reason, or its name cannot be looked up now. */
  flawOf(url: string): Promise<string | undefined>;
  /** Sends a message once, within bounds of time and size, and returns the HTTP status of the answer. */
  send(message: WebhookMessage): Promise<SendOutcome>;
}

export type SendOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly problem: string }
  /** Nothing is ever sent there. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Why a message counts as not delivered; undefined: it was. */
export function flawOfAnswer(outcome: SendOutcome): string | undefined {
  if (outcome.kind !== 'answered') return outcome.problem;
  const { status } = outcome;
  if (status >= 200 && status < 300) return undefined;
  return `answered ${status}${status >= 300 && status < 400 ? ': redirections are not followed' : ''}`;
}
