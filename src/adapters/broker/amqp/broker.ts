import { backoffMs } from '#domain/backoff.ts';
import type { Broker, ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { type Attachment, openSession, type Session } from './session.ts';

const LONGEST_DELAY_MS = 5000;

/**
 * A quorum queue whose broker was killed within a second or so of its making can stay without a leader for ever (seen on
 * RabbitMQ 3.10). A disposable one is deleted and made anew; without any other the rest works on.
 */
const FAILURES_BEFORE_DELETION = 2;
const RETRY_MS = 30_000;

export interface AmqpOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Is called with the problem when the connection is lost, and with undefined when it is back. */
  readonly onChange?: (problem: string | undefined) => void;
}

interface Subscription {
  readonly queue: QueueDefinition;
  readonly options: ConsumeOptions;
  readonly ready: PromiseWithResolvers<void>;
  attachment: Attachment | undefined;
  /** Attempts since it last consumed. */
  failures: number;
}

/** RabbitMQ. Connects at once and again after every loss; then declares and consumes everything anew. */
export function openAmqpBroker({ url, clock, onChange = () => {} }: AmqpOptions): Broker {
  const where = `broker ${new URL(url).host}`;
  const subscriptions = new Set<Subscription>();
  const closing = new AbortController();
  let session: Session | undefined;
  let problem: string | undefined = `${where}: not connected yet`;
  const change = (next: string | undefined): void => {
    problem = next;
    onChange(next);
  };
  /* One queue that cannot be had must not keep this process from the others, nor from publishing. */
  const attachOrLater = async (current: Session, subscription: Subscription): Promise<void> => {
    try {
      await attach(current, subscription);
    } catch (error) {
      if (subscription.queue.isDisposable) throw error;
      onChange(`${where}: ${messageOf(error)}; the others work`);
      void clock.sleep(RETRY_MS, closing.signal).then(async () => {
        if (session === current && subscriptions.has(subscription)) await attachOrLater(current, subscription);
      });
    }
  };
  const work = async (): Promise<void> => {
    session = await openSession(url, clock.now);
    try {
      for (const subscription of subscriptions) await attachOrLater(session, subscription);
      change(undefined);
      const reason = await session.ended;
      change(`${where}: ${reason}`);
    } finally {
      const old = session;
      session = undefined;
      for (const subscription of subscriptions) subscription.attachment = undefined;
      await old.close();
    }
  };
  const life = again(work, {
    clock,
    stop: closing.signal,
    onFailure: (error) => change(`${where}: ${messageOf(error) || 'no connection'}`),
  });
  return {
    publish: async (messages) => {
      if (messages.length === 0) return;
      if (!session) throw new Unavailable(problem ?? `${where}: closed`);
      await session.publish(messages);
    },
    consume: (queue, options) => {
      const subscription = createSubscription(queue, options);
      subscriptions.add(subscription);
      if (session && problem === undefined) attachLate(session, subscription);
      return {
        ready: subscription.ready.promise,
        [Symbol.asyncDispose]: async () => {
          subscriptions.delete(subscription);
          await subscription.attachment?.detach();
        },
      };
    },
    problem: () => problem,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await session?.close();
      await life;
    },
  };
}

interface Repetition {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  onFailure(error: unknown): void;
}

/** Again and again until `stop`, ever more patiently while it fails. */
async function again(work: () => Promise<void>, { clock, stop, onFailure }: Repetition): Promise<void> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      await work();
      attempt = 0;
    } catch (error) {
      onFailure(error);
    }
    await clock.sleep(backoffMs(attempt, LONGEST_DELAY_MS, clock), stop);
  }
}

function createSubscription(queue: QueueDefinition, options: ConsumeOptions): Subscription {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); /* whoever awaits it gets the rejection */
  return { queue, options, ready, attachment: undefined, failures: 0 };
}

/** On a connection that works already; a failure ends that connection, and the next one tries again. */
function attachLate(session: Session, subscription: Subscription): void {
  attach(session, subscription).catch(() => session.close());
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
