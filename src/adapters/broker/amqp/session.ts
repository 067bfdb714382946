import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { DEAD_LETTER_KEY, readMessage, wrap } from '#adapters/broker/envelope.ts';
import type { ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import { messageOf } from '#domain/errors.ts';
import { EXCHANGES, type OutgoingMessage } from '#domain/messages.ts';
import { startTimer } from '#domain/timer.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { readDeadLetter } from './dead-letter.ts';
import { readTls } from './tls.ts';
import { declareExchanges, declareQueue } from './topology.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A broker that is still starting may never answer a declaration that came too early. */
const DECLARE_TIMEOUT_MS = 5000;
const CONFIRM_TIMEOUT_MS = 10_000;
/** The broker itself gives a leader five seconds to appear. */
const DELETE_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 2000;
/** A connection that is silent for two of these is dead. */
const HEARTBEAT_S = 5;

/** One connection, from its making to its first failure. Whatever goes wrong on it ends it. */
export interface Session {
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  attach(queue: QueueDefinition, options: ConsumeOptions): Promise<Attachment>;
  deleteQueue(name: string): Promise<void>;
  /** Resolves with the reason of its end. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

export interface Attachment {
  /** Stops deliveries; what was not acknowledged goes back to the queue. */
  detach(): Promise<void>;
}

export async function openSession(url: string, now: () => number): Promise<Session> {
  const connection = await dial(url);
  const ended = Promise.withResolvers<string>();
  connection.on('error', (error: Error) => ended.resolve(messageOf(error)));
  connection.on('close', (error?: Error) => ended.resolve(error ? messageOf(error) : 'the connection was closed'));
  try {
    await within(DECLARE_TIMEOUT_MS, 'exchanges were not declared', declareExchanges(connection));
    const channel = await within(DECLARE_TIMEOUT_MS, 'no channel was opened', connection.createConfirmChannel());
    endWith(channel, ended.resolve);
    const publish = (messages: readonly OutgoingMessage[]): Promise<void> =>
      publishAll(channel, messages, { now, end: ended.resolve });
    return {
      publish,
      attach: (queue, options) => {
        const attaching = attach(connection, { queue, options, publisher: channel, end: ended.resolve });
        return within(DECLARE_TIMEOUT_MS, `queue ${queue.name} was not declared`, attaching);
      },
      deleteQueue: (name) => within(DELETE_TIMEOUT_MS, `queue ${name} was not deleted`, deleteQueue(connection, name)),
      ended: ended.promise,
      close: () => hangUp(connection),
    };
  } catch (error) {
    void hangUp(connection);
    throw error;
  }
}

/** Bounded here too: a broker that dies between accepting and answering leaves amqplib without an answer for ever. */
async function dial(url: string): Promise<ChannelModel> {
  const { url: address, socket } = readTls(new URL(url));
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(HEARTBEAT_S));
  const clientProperties = { connection_name: 'attune-agent' };
  const connecting = connect(address.href, {
    ...socket,
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties,
  });
  try {
    return await within(CONNECT_TIMEOUT_MS, 'no connection was opened', connecting);
  } catch (error) {
    connecting.then(hangUp, () => {}); /* one that comes late is not left open */
    throw error;
  }
}

/** A channel that the broker closes is as bad as a closed connection: everything is made anew. */
function endWith(channel: Channel, end: (reason: string) => void): void {
  channel.on('error', (error: Error) => end(messageOf(error)));
  channel.on('close', () => end('the channel was closed'));
}

interface PublishOptions {
  now(): number;
  end(reason: string): void;
}

async function publishAll(
  channel: ConfirmChannel,
  messages: readonly OutgoingMessage[],
  { now, end }: PublishOptions,
): Promise<void> {
  const confirmations = messages.map((message) => confirmed(channel, message, now()));
  try {
    await within(CONFIRM_TIMEOUT_MS, 'the broker did not confirm', Promise.all(confirmations));
  } catch (error) {
    end(messageOf(error));
    throw new Unavailable(`broker: ${messageOf(error)}`, { cause: error });
  }
}

async function confirmed(channel: ConfirmChannel, message: OutgoingMessage, at: number): Promise<void> {
  const envelope = wrap(message, at);
  await new Promise<void>((resolve, reject) => {
    channel.publish(
      message.exchange,
      message.routingKey,
      Buffer.from(JSON.stringify(envelope)),
      {
        persistent: true,
        contentType: 'application/json',
        messageId: envelope.message_id,
        correlationId: envelope.correlation_id,
        timestamp: Math.floor(at / 1000),
        type: envelope.message_type,
      },
      (error: unknown) => (error ? reject(new Error(`not confirmed: ${messageOf(error)}`)) : resolve()),
    );
  });
}

interface AttachOptions {
  readonly queue: QueueDefinition;
  readonly options: ConsumeOptions;
  readonly publisher: ConfirmChannel;
  end(reason: string): void;
}

async function attach(connection: ChannelModel, attaching: AttachOptions): Promise<Attachment> {
  const { queue, options, end } = attaching;
  await declareQueue(connection, queue);
  const channel = await connection.createChannel();
  let isDetached = false;
  endWith(channel, (reason) => {
    if (!isDetached) end(reason);
  });
  const acknowledgements = createAcknowledgements(channel);
  await channel.prefetch(options.prefetch);
  const receive = (delivery: ConsumeMessage | null): void => {
    /* The broker has cancelled the consumer: its queue was deleted, or has moved. */
    if (!delivery) end(`the broker stopped deliveries from ${queue.name}`);
    else {
      acknowledgements.expect(delivery);
      hand(delivery, attaching, {
        acknowledge: () => acknowledgements.acknowledge(delivery),
        giveBack: () => acknowledgements.giveBack(delivery),
      });
    }
  };
  const { consumerTag = '' } = options;
  await channel.consume(queue.name, receive, consumerTag === '' ? {} : { consumerTag });
  return {
    detach: async () => {
      isDetached = true;
      acknowledgements.flush();
      await within(CLOSE_TIMEOUT_MS, 'the channel did not close', channel.close()).catch(() => {});
    },
  };
}

async function deleteQueue(connection: ChannelModel, name: string): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => {}); /* the call rejects too */
  await channel.deleteQueue(name);
  /* Not waited for: amqplib never settles it when the connection ends meanwhile. */
  channel.close().catch(() => {});
}

function hand(
  delivery: ConsumeMessage,
  { queue, options, publisher, end }: AttachOptions,
  answers: { acknowledge(): void; giveBack(): void },
): void {
  if (options.onDeadLetter) {
    options.onDeadLetter({ ...readDeadLetter(delivery), ...answers });
    return;
  }
  const message = readMessage(delivery.content);
  if (message.ok) {
    options.onMessage({ message: message.value, ...answers });
    return;
  }
  bury(publisher, delivery, { queue: queue.name, reason: message.error }).then(answers.acknowledge, (error: unknown) =>
    end(messageOf(error)),
  );
}

/** By hand, since a rejection would carry no reason. */
async function bury(
  publisher: ConfirmChannel,
  { content, fields, properties }: ConsumeMessage,
  { queue, reason }: { readonly queue: string; readonly reason: string },
): Promise<void> {
  const headers = {
    'x-attune-reason': reason,
    'x-attune-queue': queue,
    'x-attune-exchange': fields.exchange,
    'x-attune-routing-key': fields.routingKey,
  };
  const options = { ...properties, persistent: true, headers: { ...properties.headers, ...headers } };
  const sent = new Promise<void>((resolve, reject) => {
    publisher.publish(EXCHANGES.deadLetters, DEAD_LETTER_KEY, content, options, (error: unknown) =>
      error ? reject(new Error(`dead letter not confirmed: ${messageOf(error)}`)) : resolve(),
    );
  });
  await within(CONFIRM_TIMEOUT_MS, 'the broker did not confirm a dead letter', sent);
}

/** Bounded: a broker that is gone does not answer. */
async function hangUp(connection: ChannelModel): Promise<void> {
  await within(CLOSE_TIMEOUT_MS, 'the connection did not close', connection.close()).catch(() => {});
}

async function within<T>(ms: number, complaint: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = startTimer(ms, () => late.reject(new Error(`${complaint} within ${ms / 1000} s`)));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.stop();
  }
}
