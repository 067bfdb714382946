import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib';
import { DEAD_LETTER_KEY, type Sending, wrap } from '#adapters/broker/envelope.ts';
import { messageOf } from '#domain/errors.ts';
import { EXCHANGES, type OutgoingMessage } from '#domain/messages.ts';
import { within } from './within.ts';

const CONFIRM_TIMEOUT_MS = 10_000;

/** Publishes messages and resolves when the broker has confirmed all of them. */
export async function publishAll(
  channel: ConfirmChannel,
  messages: readonly OutgoingMessage[],
  sending: Sending,
): Promise<void> {
  const confirmations = messages.map((message) => publishOne(channel, message, sending));
  await within(CONFIRM_TIMEOUT_MS, 'the broker did not confirm', Promise.all(confirmations));
}

async function publishOne(channel: ConfirmChannel, message: OutgoingMessage, sending: Sending): Promise<void> {
  await confirmed(channel, publicationOf(message, sending));
}

/** A message as it is published. */
export function publicationOf(message: OutgoingMessage, sending: Sending): Publication {
  const envelope = wrap(message, sending);
  return {
    exchange: message.exchange,
    routingKey: message.routingKey,
    content: Buffer.from(JSON.stringify(envelope)),
    options: {
      persistent: true,
      contentType: 'application/json',
      messageId: envelope.message_id,
      correlationId: envelope.correlation_id,
      timestamp: Math.floor(sending.at / 1000),
      type: envelope.message_type,
    },
  };
}

/** Publishes a delivery as a dead letter by hand, since a rejection would carry no reason. */
export async function bury(
  channel: ConfirmChannel,
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
  const letter = { exchange: EXCHANGES.deadLetters, routingKey: DEAD_LETTER_KEY, content, options };
  await within(CONFIRM_TIMEOUT_MS, 'the broker did not confirm a dead letter', confirmed(channel, letter));
}

interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly options: Options.Publish;
}

async function confirmed(
  channel: ConfirmChannel,
  { exchange, routingKey, content, options }: Publication,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    channel.publish(exchange, routingKey, content, options, (error: unknown) =>
      error ? reject(new Error(`not confirmed: ${messageOf(error)}`)) : resolve(),
    );
  });
}
