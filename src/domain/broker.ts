import type { IncomingMessage, OutgoingMessage } from './messages.ts';
import type { Trouble } from './trouble.ts';

/**
 * The broker of messages between processes. Connections that break are made again, with their queues and consumers, for
 * ever.
 */
export interface Broker extends AsyncDisposable {
  /** Resolves when the broker has confirmed all of them; rejects with Unavailable when it has not. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Publishes hints once, if it can now, and waits for nothing. */
  hint(hints: readonly OutgoingMessage[]): void;
  /** Declares the queue and delivers from it, until closed; whatever was not acknowledged then is delivered again. */
  consume(queue: QueueDefinition, options: ConsumeOptions): Consumer;
  /** Why the broker does not work; undefined if it works. */
  trouble(): Trouble | undefined;
}

export interface QueueDefinition {
  readonly name: string;
  readonly bindings: readonly { readonly exchange: string; readonly routingKey: string }[];
  /** Deleted when nobody has consumed for so long; undefined: it stays. */
  readonly expiresMs?: number | undefined;
  /**
   * True if what the queue holds can be had again: where the broker cannot use the queue any more, it is deleted and
   * made anew.
   */
  readonly isDisposable?: true | undefined;
  /**
   * True if another program declares the queue too: it has no arguments but those that Attune's Rust control plane gives
   * it. It is never deleted to be made anew, because nobody sends its messages again.
   */
  readonly isShared?: true | undefined;
  /** Messages older than this are dead letters, unless the queue forgets them. */
  readonly messageTtlMs?: number | undefined;
  readonly forgetsExpired?: true | undefined;
}

export interface ConsumeOptions {
  readonly consumerTag?: string;
  /** Most deliveries that wait for their acknowledgement. */
  readonly prefetch: number;
  /** Must not throw. Messages that cannot be understood do not arrive here: they are dead letters. */
  onMessage(delivery: Delivery): void;
  /** Is called instead of onMessage, for queues that hold whatever went wrong. */
  onDeadLetter?(letter: DeadDelivery): void;
}

export interface Consumer extends AsyncDisposable {
  /** Resolves when the broker has accepted the consumer for the first time. */
  readonly ready: Promise<void>;
  /** Closes it, and deletes its queue unless somebody else consumes from it. */
  remove(): Promise<void>;
  /** Closes it, and throws away what waits in its queue unless somebody else consumes from it. */
  empty(): Promise<void>;
}

interface Acknowledgeable {
  /** Done with it. After a broken connection this does nothing: it is delivered again. */
  acknowledge(): void;
}

export interface Delivery extends Acknowledgeable {
  readonly message: IncomingMessage;
  /** Puts the delivery back into the queue, for another consumer or for later. */
  giveBack(): void;
}

export interface DeadDelivery extends Acknowledgeable {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly reason: string;
  readonly body: Uint8Array;
}
