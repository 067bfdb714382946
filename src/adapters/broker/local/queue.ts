import { readMessage } from '#adapters/broker/envelope.ts';
import type { ConsumeOptions, DeadDelivery, QueueDefinition } from '#domain/broker.ts';
import type { Clock } from '#domain/clock.ts';
import { createLetters, type Letter } from './letters.ts';

export interface LocalQueue {
  readonly definition: QueueDefinition;
  put(letter: Letter): void;
  consume(options: ConsumeOptions): { close(): void };
  close(): void;
}

interface QueueDependencies {
  readonly clock: Clock;
  bury(letter: Letter): void;
  /** Nobody has consumed for its `expiresMs`. */
  expire(): void;
}

interface LocalConsumer {
  readonly options: ConsumeOptions;
  readonly unacknowledged: Set<Letter>;
}

export function createQueue(definition: QueueDefinition, { clock, bury, expire }: QueueDependencies): LocalQueue {
  const { name, messageTtlMs, expiresMs } = definition;
  const consumers = new Set<LocalConsumer>();
  let deserted = new AbortController();
  let isPumping = false;
  const dieOf = (reason: string, letter: Letter): void => bury({ ...letter, death: { queue: name, reason } });
  const letters = createLetters({
    clock,
    ttlMs: messageTtlMs,
    onExpired: (letter) => {
      if (!definition.forgetsExpired) dieOf('expired', letter);
    },
  });
  const pump = (): void => {
    isPumping = false;
    for (let consumer = mostIdle(consumers); consumer; consumer = mostIdle(consumers)) {
      const letter = letters.next();
      if (!letter) return;
      const problem = hand(letter, consumer, { wake, putBack: (one) => letters.putBack([one]) });
      if (problem !== undefined) dieOf(problem, letter);
    }
  };
  /* Later, never within the caller's own step. */
  const wake = (): void => {
    if (isPumping) return;
    isPumping = true;
    setImmediate(pump);
  };
  const expireUnlessConsumed = async (afterMs: number): Promise<void> => {
    deserted = new AbortController();
    const { signal } = deserted;
    await clock.sleep(afterMs, signal);
    if (!signal.aborted) expire();
  };
  const leave = (consumer: LocalConsumer): void => {
    if (!consumers.delete(consumer)) return;
    letters.putBack(consumer.unacknowledged);
    consumer.unacknowledged.clear();
    if (consumers.size === 0 && expiresMs !== undefined) void expireUnlessConsumed(expiresMs);
    wake();
  };
  return {
    definition,
    put: (letter) => {
      letters.add(letter);
      wake();
    },
    consume: (options) => {
      deserted.abort();
      const consumer = { options, unacknowledged: new Set<Letter>() };
      consumers.add(consumer);
      wake();
      return { close: () => leave(consumer) };
    },
    close: () => {
      letters.close();
      deserted.abort();
      consumers.clear();
    },
  };
}

/** The consumer with the fewest unacknowledged messages among those that may take more; undefined: all are full. */
function mostIdle(consumers: Iterable<LocalConsumer>): LocalConsumer | undefined {
  let best: LocalConsumer | undefined;
  for (const one of consumers) {
    const waiting = one.unacknowledged.size;
    if (waiting < one.options.prefetch && waiting < (best?.unacknowledged.size ?? waiting + 1)) best = one;
  }
  return best;
}

/** Returns why it cannot be delivered. */
function hand(
  letter: Letter,
  { options, unacknowledged }: LocalConsumer,
  { wake, putBack }: { wake(): void; putBack(letter: Letter): void },
): string | undefined {
  const settle = (): boolean => unacknowledged.delete(letter);
  const acknowledge = (): void => {
    if (settle()) wake();
  };
  const giveBack = (): void => {
    if (!settle()) return;
    putBack(letter);
    wake();
  };
  if (options.onDeadLetter) {
    unacknowledged.add(letter);
    options.onDeadLetter({ ...deadOf(letter), acknowledge });
    return undefined;
  }
  const message = readMessage(letter.body);
  if (!message.ok) return message.error;
  unacknowledged.add(letter);
  options.onMessage({ message: message.value, acknowledge, giveBack });
  return undefined;
}

function deadOf({ body, exchange, routingKey, death }: Letter): Omit<DeadDelivery, 'acknowledge'> {
  return { body, exchange, routingKey, queue: death?.queue ?? '', reason: death?.reason ?? 'unknown' };
}
