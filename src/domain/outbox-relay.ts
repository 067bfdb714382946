import type { Broker } from './broker.ts';
import type { Clock } from './clock.ts';
import type { OutboxMessage } from './messages.ts';
import type { OutboxStore } from './store.ts';
import { Unavailable } from './unavailable.ts';

const BATCH = 500;
/** What does not fit waits in the outbox alone, for the sweep. */
const MOST_WAITING = 10_000;
const FORGET_AFTER_MS = 50;
const SWEEP_EVERY_MS = 1000;
/** Its publisher had so long: now anybody may. */
const ABANDONED_AFTER_MS = 5000;

export interface Relay {
  /** At once, without being waited for. Failures are the sweep's business. */
  publish(messages: readonly OutboxMessage[]): void;
  /** Publishes what others left behind, until `stop`. */
  sweep(stop: AbortSignal): Promise<void>;
  /** Resolves when everything handed to `publish` is out, or has failed. */
  idle(): Promise<void>;
}

interface RelayDependencies {
  readonly store: OutboxStore;
  readonly broker: Broker;
  readonly clock: Clock;
}

export function createRelay({ store, broker, clock }: RelayDependencies): Relay {
  let waiting: OutboxMessage[] = [];
  let published: string[] = [];
  let pumping: Promise<void> | undefined;
  let forgetting: Promise<void> | undefined;
  /* Many at once; should it fail, the sweep publishes them again. */
  const forgetSoon = async (): Promise<void> => {
    while (published.length > 0) {
      await clock.sleep(FORGET_AFTER_MS);
      const ids = published;
      published = [];
      await ifAvailable(() => store.forget(ids));
    }
  };
  const send = async (messages: readonly OutboxMessage[]): Promise<void> => {
    try {
      await broker.publish(messages);
      published.push(...messages.map((one) => one.outboxId));
      forgetting ??= forgetSoon().finally(() => {
        forgetting = undefined;
      });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  };
  const pump = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      await send(batch);
    }
  };
  const sweepOnce = async (): Promise<void> => {
    const left = await store.unpublished(BATCH, ABANDONED_AFTER_MS);
    if (left.length > 0) await send(left);
  };
  return {
    publish: (messages) => {
      if (messages.length === 0 || waiting.length > MOST_WAITING) return;
      waiting.push(...messages);
      pumping ??= pump().finally(() => {
        pumping = undefined;
      });
    },
    sweep: async (stop) => {
      while (!stop.aborted) {
        if (broker.problem() === undefined) await ifAvailable(sweepOnce);
        await clock.sleep(SWEEP_EVERY_MS * (0.5 + clock.random()), stop);
      }
    },
    idle: async () => {
      await pumping;
      await forgetting;
    },
  };
}

async function ifAvailable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
}
