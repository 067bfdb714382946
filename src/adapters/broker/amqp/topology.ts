import type { Channel, ChannelModel } from 'amqplib';
import { DEAD_LETTER_KEY } from '#adapters/broker/envelope.ts';
import type { QueueDefinition } from '#domain/broker.ts';
import { codeOf } from '#domain/errors.ts';
import { EXCHANGES } from '#domain/messages.ts';

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

export async function declareExchanges(connection: ChannelModel): Promise<void> {
  for (const [name, type] of Object.entries(exchangeTypes))
    await declareOrAccept(connection, {
      declare: async (channel) => await channel.assertExchange(name, type, { durable: true }),
      accept: async (channel) => await channel.checkExchange(name),
    });
}

/** A queue that is there already with other arguments is used as it is. Dead letters of our own queues name their key. */
export async function declareQueue(connection: ChannelModel, queue: QueueDefinition): Promise<void> {
  const isForDeadLetters = queue.bindings.some((one) => one.exchange === EXCHANGES.deadLetters);
  const queueArguments = {
    'x-queue-type': 'quorum',
    ...(isForDeadLetters
      ? {}
      : { 'x-dead-letter-exchange': EXCHANGES.deadLetters, 'x-dead-letter-routing-key': DEAD_LETTER_KEY }),
    ...(queue.expiresMs === undefined ? {} : { 'x-expires': queue.expiresMs }),
    ...(queue.messageTtlMs === undefined ? {} : { 'x-message-ttl': queue.messageTtlMs }),
  };
  await declareOrAccept(connection, {
    declare: async (channel) => await channel.assertQueue(queue.name, { durable: true, arguments: queueArguments }),
    accept: async (channel) => await channel.checkQueue(queue.name),
  });
  await withChannel(connection, async (channel) => {
    for (const { exchange, routingKey } of queue.bindings) await channel.bindQueue(queue.name, exchange, routingKey);
  });
}

interface Declaration {
  declare(channel: Channel): Promise<unknown>;
  /** What to do when that is refused: it may be there all the same. */
  accept(channel: Channel): Promise<unknown>;
}

/** The broker closes a channel with each refusal, so each try has one of its own. */
async function declareOrAccept(connection: ChannelModel, { declare, accept }: Declaration): Promise<void> {
  try {
    await withChannel(connection, declare);
  } catch (error) {
    if (!REFUSALS.includes(codeOf(error) ?? '')) throw error;
    await withChannel(connection, accept);
  }
}

async function withChannel(connection: ChannelModel, work: (channel: Channel) => Promise<unknown>): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => {}); /* the call that caused it rejects too */
  await work(channel);
  await channel.close();
}
