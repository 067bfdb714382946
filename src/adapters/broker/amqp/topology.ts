import type { Channel, ChannelModel } from 'amqplib';
import { DEAD_LETTER_KEY } from '#adapters/broker/envelope.ts';
import type { QueueDefinition } from '#domain/broker.ts';
import { codeOf } from '#domain/errors.ts';
import { EXCHANGES } from '#domain/messages.ts';
import { answered, within } from './within.ts';

/**
 * The exchange for dead letters is direct, as Attune's Rust control plane declares it; queues of this project name a
 * routing key for their dead letters, so that none is lost in it.
 */
const exchangeTypes: Readonly<Record<string, string>> = {
  [EXCHANGES.events]: 'topic',
  [EXCHANGES.executions]: 'topic',
  [EXCHANGES.notifications]: 'fanout',
  [EXCHANGES.deadLetters]: 'direct',
};

/** Something else of that name is there; or it is not for this user to make it. */
const REFUSALS = ['406', '403'];

/** The broker itself gives a leader five seconds to appear. */
const DELETE_TIMEOUT_MS = 15_000;

/** Declares what this project needs of one broker, over one connection. */
export interface Topology {
  declareExchanges(): Promise<void>;
  /** A queue that is there already with other arguments is used as it is. */
  declareQueue(queue: QueueDefinition): Promise<void>;
  /** With `ifUnused`, the queue stays where somebody consumes from it. */
  deleteQueue(name: string, options?: { readonly ifUnused: boolean }): Promise<void>;
  /** Throws away what waits in a queue, unless somebody consumes from it. */
  emptyQueue(name: string): Promise<void>;
}

/**
 * Declares exchanges and queues one after another on one channel, which is left when there is nothing more to declare.
 * The broker closes the channel with each refusal, and a channel on which an answer is overdue may hang for ever; the
 * next declaration then opens another.
 */
export function createTopology(connection: ChannelModel): Topology {
  const { ask, inTurn } = openForTurns(connection);
  const askOrAccept = async (what: string, { declare, accept }: Declaration): Promise<void> => {
    try {
      await ask(what, declare);
    } catch (error) {
      if (!REFUSALS.includes(codeOf(error) ?? '')) throw error;
      await ask(what, accept);
    }
  };
  return {
    declareExchanges: () =>
      inTurn(async () => {
        for (const [name, type] of Object.entries(exchangeTypes))
          await askOrAccept(`exchange ${name} was not declared`, {
            declare: async (one) => await one.assertExchange(name, type, { durable: true }),
            accept: async (one) => await one.checkExchange(name),
          });
      }),
    declareQueue: (queue) =>
      inTurn(async () => {
        const { name } = queue;
        await askOrAccept(`queue ${name} was not declared`, {
          declare: async (one) => await one.assertQueue(name, { durable: true, arguments: argumentsOf(queue) }),
          accept: async (one) => await one.checkQueue(name),
        });
        for (const { exchange, routingKey } of queue.bindings)
          await ask(
            `queue ${name} was not bound to ${exchange}`,
            async (one) => await one.bindQueue(name, exchange, routingKey),
          );
      }),
    deleteQueue: (name, options) =>
      inTurn(async () => {
        const work = async (one: Channel): Promise<unknown> => await one.deleteQueue(name, options);
        await ask(`queue ${name} was not deleted`, work, DELETE_TIMEOUT_MS);
      }),
    emptyQueue: (name) =>
      inTurn(async () => {
        await ask(`queue ${name} was not emptied`, async (one) => await purgeUnused(one, name));
      }),
  };
}

async function purgeUnused(channel: Channel, name: string): Promise<void> {
  const { consumerCount } = await channel.checkQueue(name);
  if (consumerCount === 0) await channel.purgeQueue(name);
}

interface Declaration {
  declare(channel: Channel): Promise<unknown>;
  /** What to do when that is refused: it may be there all the same. */
  accept(channel: Channel): Promise<unknown>;
}

interface Turns {
  /** Asks on the channel; without `timeoutMs` as long as any question may take. */
  ask<T>(what: string, work: (channel: Channel) => Promise<T>, timeoutMs?: number): Promise<T>;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** A channel for works that come one after another: many agents share a broker, and an idle channel would cost it memory too. */
function openForTurns(connection: ChannelModel): Turns {
  let channel: Promise<Channel> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const leaveUnlessWanted = (): void => {
    waiting--;
    if (waiting > 0) return;
    channel?.then((one) => one.close()).catch(() => {}); /* it may have ended with its connection */
    channel = undefined;
  };
  return {
    ask: async (what, work, timeoutMs) => {
      channel ??= openChannel(connection);
      const current = channel;
      try {
        const asked = work(await current);
        return await (timeoutMs === undefined ? answered(what, asked) : within(timeoutMs, what, asked));
      } catch (error) {
        channel = undefined;
        current.then((one) => one.close()).catch(() => {}); /* the broker may have closed it */
        throw error;
      }
    },
    inTurn: (work) => {
      waiting++;
      const turn = last.then(work);
      last = turn.catch(() => {}).then(leaveUnlessWanted);
      return turn;
    },
  };
}

async function openChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await answered('no channel was opened for declarations', connection.createChannel());
  channel.on('error', () => {}); /* the call that caused it rejects too */
  return channel;
}

/**
 * A disposable queue is a classic one: it is there at once, also after a death of the broker just after its making, when a
 * quorum queue looks for a leader for half a minute. Dead letters of our own queues name their key. A shared queue has
 * what Attune's Rust control plane gives it, down to the argument: the broker refuses any other declaration.
 */
function argumentsOf(queue: QueueDefinition): Readonly<Record<string, unknown>> {
  const ttl = queue.messageTtlMs === undefined ? {} : { 'x-message-ttl': queue.messageTtlMs };
  if (queue.isShared) return { 'x-dead-letter-exchange': EXCHANGES.deadLetters, ...ttl };
  const isForDeadLetters = queue.bindings.some((one) => one.exchange === EXCHANGES.deadLetters);
  return {
    'x-queue-type': queue.isDisposable ? 'classic' : 'quorum',
    ...(isForDeadLetters || queue.forgetsExpired
      ? {}
      : { 'x-dead-letter-exchange': EXCHANGES.deadLetters, 'x-dead-letter-routing-key': DEAD_LETTER_KEY }),
    ...(queue.expiresMs === undefined ? {} : { 'x-expires': queue.expiresMs }),
    ...ttl,
  };
}
