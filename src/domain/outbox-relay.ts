import { createBatcher } from './batcher.ts';
import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { OutboxMessage } from './messages.ts';
import type { OutboxStore } from './store.ts';
import { ifAvailable } from './unavailable.ts';

/** Messages that are published together. */
const BATCH = 500;
/** Messages that may wait to be published or forgotten; what does not fit waits in the outbox, for the sweep. */
const MOST_WAITING = 10_000;
/** Milliseconds from a publication to the statement that forgets all messages published until then. */
const FORGET_AFTER_MS = 50;
const SWEEP_EVERY_MS = 1000;
/** The process that wrote a message had so long to publish it: now any process may. */
const ABANDONED_AFTER_MS = 5000;

export interface Relay {
  /** Publishes messages of the outbox at once; the caller does not wait. What fails is published by a later sweep. */
  publish(messages: readonly OutboxMessage[]): void;
  /** Publishes what other processes left behind, until `stop` aborts. */
  sweep(stop: AbortSignal): Promise<void>;
  /** Resolves when everything handed to `publish` is out, or has failed. */
  idle(): Promise<void>;
}

interface RelayDependencies {
  readonly store: OutboxStore;
  readonly broker: Pick<Broker, 'publish' | 'problem'>;
  readonly clock: Clock;
}

export function createRelay({ store, broker, clock }: RelayDependencies): Relay {
  /* A published message that is not forgotten is published again by the sweep: its consumers bear that. */
  const published = createBatcher<string>((ids) => ifAvailable(() => store.forget(ids)), {
    most: MOST_WAITING,
    mostWaiting: MOST_WAITING,
    pause: () => clock.sleep(FORGET_AFTER_MS),
  });
  const send = (messages: readonly OutboxMessage[]): Promise<void> =>
    ifAvailable(async () => {
      await broker.publish(messages);
      for (const { outboxId } of messages) published.add(outboxId);
    });
  const outgoing = createBatcher(send, { most: BATCH, mostWaiting: MOST_WAITING });
  const sweepOnce = async (): Promise<void> => {
    const left = await store.unpublished(BATCH, ABANDONED_AFTER_MS);
    if (left.length > 0) await send(left);
  };
  return {
    publish: (messages) => {
      for (const message of messages) outgoing.add(message);
    },
    sweep: async (stop) => {
      while (!stop.aborted) {
        if (broker.problem() === undefined) await ifAvailable(sweepOnce);
        await clock.sleep(SWEEP_EVERY_MS * (0.5 + clock.random()), stop);
      }
    },
    idle: async () => {
      await outgoing.idle();
      await published.idle();
    },
  };
}
