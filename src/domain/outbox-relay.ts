import { createBatcher } from './batcher.ts';
import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { Hint, OutboxMessage } from './messages.ts';
import type { OutboxStore } from './store.ts';
import { ifAvailable } from './unavailable.ts';

/** Messages that are published together. */
const BATCH = 500;
/** Messages that may wait to be published or forgotten; what does not fit waits in the outbox, for the sweep. */
const MOST_WAITING = 10_000;
/** Milliseconds from a publication to the statement that forgets all messages published until then. */
const FORGET_AFTER_MS = 50;
/** Milliseconds between two looks whether a sweep is due. */
const LOOK_EVERY_MS = 1000;
/** The process that wrote a message had so long to publish it: now any process may. */
const ABANDONED_AFTER_MS = 5000;
/** A sweep has its messages to itself for longer than the broker may take to confirm them. */
const LEASE_MS = 15_000;
/** Milliseconds for which every look is a sweep after something went wrong: by then what it left behind is abandoned. */
const ALERT_MS = 2 * ABANDONED_AFTER_MS;

export interface Relay {
  /**
   * Publishes messages of the outbox at once; the caller does not wait. What fails is published by a later sweep, unless
   * it is a hint.
   */
  publish(messages: readonly (OutboxMessage | Hint)[]): void;
  /** Publishes what other processes left behind, until `stop` aborts; `everyMs` is used instead of the relay's own pause. */
  sweep(stop: AbortSignal, everyMs?: number): Promise<void>;
  /** Resolves when everything handed to `publish` is out, or has failed. */
  idle(): Promise<void>;
}

interface RelayDependencies {
  readonly store: OutboxStore;
  readonly broker: Pick<Broker, 'publish' | 'hint' | 'trouble'>;
  readonly clock: Clock;
  /**
   * Milliseconds between two sweeps while all is well; by default every look is one. Workers are many, and a server sweeps
   * for them, so theirs are rare.
   */
  readonly sweepEveryMs?: number;
}

/** Milliseconds between two sweeps of a worker, for a database that has no server. */
export const WORKER_SWEEPS_EVERY_MS = 30_000;
/** The pause between sweeps by a worker of a joined database, where functions of the database leave messages for it. */
export const JOINED_SWEEPS_EVERY_MS = 2000;

export function createRelay({ store, broker, clock, sweepEveryMs = 0 }: RelayDependencies): Relay {
  let pauseMs = sweepEveryMs;
  let alertUntil = Number.NEGATIVE_INFINITY;
  let sweepsAgainAt = Number.NEGATIVE_INFINITY;
  const beAlert = (): void => {
    alertUntil = clock.monotonic() + ALERT_MS;
  };
  /* A published message that is not forgotten is published again by the sweep: its consumers bear that. */
  const published = createBatcher<string>((ids) => ifAvailable(() => store.forget(ids)), {
    most: MOST_WAITING,
    mostWaiting: MOST_WAITING,
    pause: () => clock.sleep(FORGET_AFTER_MS),
  });
  const send = async (messages: readonly OutboxMessage[]): Promise<void> => {
    const sent = await ifAvailable(async () => {
      await broker.publish(messages);
      return messages;
    });
    if (!sent) beAlert();
    for (const { outboxId } of sent ?? []) published.add(outboxId);
  };
  const outgoing = createBatcher(send, { most: BATCH, mostWaiting: MOST_WAITING });
  /* Where there was something there may be more. */
  const sweepOnce = async (): Promise<void> => {
    sweepsAgainAt = clock.monotonic() + pauseMs * (0.5 + clock.random());
    const left = await store.unpublished(BATCH, ABANDONED_AFTER_MS, LEASE_MS);
    if (left.length === 0) return;
    beAlert();
    await send(left);
  };
  const look = async (): Promise<void> => {
    if (broker.trouble() !== undefined) beAlert();
    else if (clock.monotonic() < alertUntil || clock.monotonic() >= sweepsAgainAt) await ifAvailable(sweepOnce);
  };
  return {
    publish: (messages) => {
      const hints = messages.filter((message) => message.outboxId === undefined);
      if (hints.length > 0) broker.hint(hints);
      const isTaken = messages.filter(isInOutbox).map((message) => outgoing.add(message));
      if (isTaken.includes(false)) beAlert();
    },
    sweep: async (stop, everyMs = sweepEveryMs) => {
      pauseMs = everyMs;
      while (!stop.aborted) {
        await look();
        await clock.sleep(LOOK_EVERY_MS * (0.5 + clock.random()), stop);
      }
    },
    idle: async () => {
      await outgoing.idle();
      await published.idle();
    },
  };
}

function isInOutbox(message: OutboxMessage | Hint): message is OutboxMessage {
  return message.outboxId !== undefined;
}
