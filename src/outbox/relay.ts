import type { Broker } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { OutboxStore } from '#domain/store.ts';
import { Unavailable } from '#domain/unavailable.ts';

const BATCH = 500;
/** What does not fit waits in the outbox alone, for the sweep. */
const MOST_WAITING = 10_000;
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

interface RelayParts {
  readonly store: OutboxStore;
  readonly broker: Broker;
  readonly clock: Clock;
}

export function createRelay({ store, broker, clock }: RelayParts): Relay {
  let waiting: OutboxMessage[] = [];
  let pumping: Promise<void> | undefined;
  const send = async (messages: readonly OutboxMessage[]): Promise<boolean> => {
    try {
      await broker.publish(messages);
      await store.forget(messages.map((one) => one.outboxId));
      return true;
    } catch (error) {
      if (error instanceof Unavailable) return false;
      throw error;
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
    try {
      for (let more = true; more; ) {
        const left = await store.unpublished(BATCH, ABANDONED_AFTER_MS);
        more = left.length === BATCH && (await send(left));
        if (left.length > 0 && left.length < BATCH) await send(left);
      }
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
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
        if (broker.problem() === undefined) await sweepOnce();
        await clock.sleep(SWEEP_EVERY_MS * (0.5 + clock.random()), stop);
      }
    },
    idle: async () => {
      await pumping;
    },
  };
}
