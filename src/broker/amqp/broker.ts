import type { Broker, ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { type Attachment, openSession, type Session } from './session.ts';

/** Doubling from the first to the second, each shortened by up to half: 0.1, 0.2, 0.4 … 5 s. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

export interface AmqpOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Hears of each loss and each return. */
  readonly onChange?: (problem: string | undefined) => void;
}

interface Subscription {
  readonly queue: QueueDefinition;
  readonly options: ConsumeOptions;
  readonly ready: PromiseWithResolvers<void>;
  attachment: Attachment | undefined;
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
  const work = async (): Promise<void> => {
    session = await openSession(url, clock.now);
    try {
      for (const subscription of subscriptions) await attach(session, subscription);
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
  const keepWorking = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await work();
        attempt = 0;
      } catch (error) {
        change(`${where}: ${messageOf(error) || 'no connection'}`);
      }
      const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
      await clock.sleep(longest * (1 - clock.random() / 2), closing.signal);
    }
  };
  const life = keepWorking();
  return {
    publish: async (messages) => {
      if (messages.length === 0) return;
      if (!session) throw new Unavailable(problem ?? `${where}: closed`);
      await session.publish(messages);
    },
    consume: (queue, options) => {
      const subscription: Subscription = { queue, options, ready: Promise.withResolvers(), attachment: undefined };
      subscription.ready.promise.catch(() => {}); /* who waits for it hears of it */
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

/** On a connection that works already; a failure ends that connection, and the next one tries again. */
function attachLate(session: Session, subscription: Subscription): void {
  attach(session, subscription).catch(() => session.close());
}

async function attach(session: Session, subscription: Subscription): Promise<void> {
  subscription.attachment = await session.attach(subscription.queue, subscription.options);
  subscription.ready.resolve();
}
