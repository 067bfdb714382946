import { readMessage } from '#adapters/broker/envelope.ts';
import type { ConsumeOptions, DeadDelivery, QueueDefinition } from '#domain/broker.ts';
import { startTimer, type Timer } from '#domain/timer.ts';

/** A message in a queue; `death`: why and where it died. */
interface Letter {
  readonly body: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly death?: { readonly queue: string; readonly reason: string };
}

export interface LocalQueue {
  readonly definition: QueueDefinition;
  put(letter: Letter): void;
  consume(options: ConsumeOptions): { close(): void };
  close(): void;
}

interface QueueDependencies {
  now(): number;
  bury(letter: Letter): void;
  /** Nobody has consumed for its `expiresMs`. */
  expire(): void;
}

interface LocalConsumer {
  readonly options: ConsumeOptions;
  readonly unacknowledged: Set<Letter>;
}

export function createQueue(definition: QueueDefinition, { now, bury, expire }: QueueDependencies): LocalQueue {
  let letters: Letter[] = [];
  const consumers = new Set<LocalConsumer>();
  let expiry: Timer | undefined;
  let isPumping = false;
  const pump = (): void => {
    isPumping = false;
    for (let consumer = mostIdle(consumers); consumer && letters.length > 0; consumer = mostIdle(consumers)) {
      const letter = letters.shift();
      if (letter) deliver(letter, consumer);
    }
  };
  /* Later, never within the caller's own step. */
  const wake = (): void => {
    if (isPumping) return;
    isPumping = true;
    setImmediate(pump);
  };
  const deliver = (letter: Letter, consumer: LocalConsumer): void => {
    const { messageTtlMs = Number.POSITIVE_INFINITY } = definition;
    const isExpired = now() - letter.at >= messageTtlMs;
    const problem = isExpired ? 'expired' : hand(letter, consumer, { wake, putBack: (one) => letters.unshift(one) });
    if (problem !== undefined) bury({ ...letter, death: { queue: definition.name, reason: problem } });
  };
  const leave = (consumer: LocalConsumer): void => {
    if (!consumers.delete(consumer)) return;
    letters = [...consumer.unacknowledged, ...letters];
    consumer.unacknowledged.clear();
    if (consumers.size === 0 && definition.expiresMs !== undefined) expiry = startTimer(definition.expiresMs, expire);
    wake();
  };
  return {
    definition,
    put: (letter) => {
      letters.push(letter);
      wake();
    },
    consume: (options) => {
      expiry?.stop();
      const consumer = { options, unacknowledged: new Set<Letter>() };
      consumers.add(consumer);
      wake();
      return { close: () => leave(consumer) };
    },
    close: () => {
      expiry?.stop();
      consumers.clear();
    },
  };
}

/** Of those that may have more. */
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
