import type { ConsumeOptions, Consumer, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Attachment } from './attach.ts';
import type { Session } from './session.ts';

/**
 * A quorum queue whose broker was killed within a second or so of its making can stay without a leader for ever (seen on
 * RabbitMQ 3.10). A disposable queue, which an earlier version may have made so, is deleted and made anew; without one
 * that is neither disposable nor shared the rest works on.
 */
const FAILURES_BEFORE_DELETION = 2;
const RETRY_MS = 30_000;
/** To declare a queue and consume from it takes a few round trips; one that takes longer is worth a word. */
const ATTACHING_MS = 1000;

/** The consumers of the queues of a broker, which outlive its connections. */
export interface Subscriptions {
  /** Consumes at once where there is a session; a failure ends that session. */
  add(queue: QueueDefinition, options: ConsumeOptions, session: Session | undefined): Consumer;
  /** Consumes all queues on a new session. Rejects when a queue of a worker cannot be had. */
  attachAll(session: Session): Promise<void>;
  /** The session has ended. */
  detachAll(): void;
  /** Why a queue of a worker does not deliver; undefined if every one delivers. */
  problem(): string | undefined;
}

interface SubscriptionsDependencies {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** The session that has neither been followed by another one nor ended. */
  current(): Session | undefined;
  /** A queue that is neither disposable nor shared cannot be had for now. */
  onMissing(problem: string): void;
}

interface Subscription {
  readonly queue: QueueDefinition;
  readonly options: ConsumeOptions;
  readonly ready: PromiseWithResolvers<void>;
  /** The time when the queue was asked for, by the monotonic clock. */
  readonly since: number;
  attachment: Attachment | undefined;
  /** The number of attempts since the queue was last consumed. */
  failures: number;
}

export function createSubscriptions({ clock, stop, current, onMissing }: SubscriptionsDependencies): Subscriptions {
  const subscriptions = new Set<Subscription>();
  /* One queue that cannot be had must not keep this process from the others, nor from publishing. */
  const attachOrLater = async (session: Session, subscription: Subscription): Promise<void> => {
    try {
      await attach(session, subscription);
      if (!subscriptions.has(subscription)) await subscription.attachment?.detach();
    } catch (error) {
      if (isVital(subscription.queue)) throw error;
      onMissing(messageOf(error));
      void clock.sleep(RETRY_MS, stop).then(async () => {
        if (current() === session && subscriptions.has(subscription)) await attachOrLater(session, subscription);
      });
    }
  };
  const isDeaf = ({ attachment, queue, since }: Subscription): boolean =>
    !attachment && isVital(queue) && clock.monotonic() - since > ATTACHING_MS;
  return {
    add: (queue, options, session) => {
      const subscription = createSubscription(queue, options, clock.monotonic());
      subscriptions.add(subscription);
      if (session) attachOrLater(session, subscription).catch((error: unknown) => session.close(messageOf(error)));
      const close = async (): Promise<void> => {
        subscriptions.delete(subscription);
        const { attachment } = subscription;
        subscription.attachment = undefined;
        await attachment?.detach();
      };
      return {
        ready: subscription.ready.promise,
        remove: async () => {
          await close();
          /* Another consumer of it is reason enough to leave it. */
          await current()
            ?.deleteQueue(queue.name, { ifUnused: true })
            .catch(() => {});
        },
        empty: async () => {
          await close();
          await current()
            ?.emptyQueue(queue.name)
            .catch(() => {});
        },
        [Symbol.asyncDispose]: close,
      };
    },
    attachAll: async (session) => {
      for (const subscription of subscriptions) await attachOrLater(session, subscription);
    },
    detachAll: () => {
      for (const subscription of subscriptions) subscription.attachment = undefined;
    },
    problem: () => {
      const deaf = [...subscriptions].find(isDeaf);
      return deaf && `nothing is delivered from queue ${deaf.queue.name}`;
    },
  };
}

/** Tells whether a process cannot do its work without the queue: it is that of a worker. */
function isVital({ isDisposable, isShared }: QueueDefinition): boolean {
  return isDisposable === true || isShared === true;
}

function createSubscription(queue: QueueDefinition, options: ConsumeOptions, since: number): Subscription {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); /* whoever awaits it gets the rejection */
  return { queue, options, ready, since, attachment: undefined, failures: 0 };
}

async function attach(session: Session, subscription: Subscription): Promise<void> {
  const { queue, options } = subscription;
  if (queue.isDisposable && subscription.failures >= FAILURES_BEFORE_DELETION) {
    subscription.failures = 0;
    await session.deleteQueue(queue.name);
  }
  subscription.failures++;
  subscription.attachment = await session.attach(queue, options);
  subscription.failures = 0;
  subscription.ready.resolve();
}
