import { backoffMs } from '#domain/backoff.ts';
import type { Broker } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import type { Trouble } from '#domain/trouble.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { explainBrokerError } from './explain-error.ts';
import { openSession, type Session } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';

const LONGEST_DELAY_MS = 5000;

export interface AmqpOptions {
  readonly url: string;
  readonly clock: Clock;
  /** The name of the service that publishes, as Attune's Rust control plane names its own: `worker` unless told otherwise. */
  readonly service?: string;
  /** Is called with the problem when the connection is lost, and with undefined when it is back. */
  readonly onChange?: (problem: string | undefined) => void;
}

/** RabbitMQ. Connects at once and again after every loss; then declares and consumes everything anew. */
export function openAmqpBroker({ url, clock, service = 'worker', onChange = () => {} }: AmqpOptions): Broker {
  const where = `broker ${new URL(url).host}`;
  const closing = new AbortController();
  let session: Session | undefined;
  let problem: string | undefined = `${where}: not connected yet`;
  const change = (next: string | undefined): void => {
    problem = next;
    onChange(next);
  };
  const subscriptions = createSubscriptions({
    clock,
    stop: closing.signal,
    current: () => session,
    onMissing: (why) => onChange(`${where}: ${why}; the others work`),
  });
  const work = async (): Promise<void> => {
    session = await openSession(url, { now: clock.now, service });
    try {
      await subscriptions.attachAll(session);
      change(undefined);
      const reason = await session.ended;
      change(`${where}: ${reason}`);
    } finally {
      const old = session;
      session = undefined;
      subscriptions.detachAll();
      await old.close();
    }
  };
  const life = again(work, {
    clock,
    stop: closing.signal,
    onFailure: (error) => change(explainBrokerError(error, url)),
  });
  /* Connected, and nothing can be published, or a queue delivers nothing: that must not pass for health. */
  const trouble = (): Trouble | undefined => {
    if (problem !== undefined) return { word: 'broker', why: problem };
    const alarm = session?.blocked();
    const what = alarm ?? session?.silence() ?? subscriptions.problem();
    return what === undefined
      ? undefined
      : { word: alarm === undefined ? 'broker' : 'alarm', why: `${where}: ${what}` };
  };
  return {
    publish: async (messages) => {
      if (messages.length === 0) return;
      if (!session) throw new Unavailable(problem ?? `${where}: closed`, { word: 'broker' });
      await session.publish(messages);
    },
    hint: (hints) => session?.hint(hints),
    consume: (queue, options) => subscriptions.add(queue, options, problem === undefined ? session : undefined),
    trouble,
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

/** Repeats the work until `stop` aborts, with growing pauses while it fails. */
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
