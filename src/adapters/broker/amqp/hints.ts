import type { Channel, ChannelModel } from 'amqplib';
import type { Sending } from '#adapters/broker/envelope.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import { publicationOf } from './publish.ts';

interface HintOptions {
  now(): number;
  /** The name of the service that publishes. */
  readonly service: Sending['service'];
}

/**
 * Makes a function that publishes hints on a channel of their own, which is opened for the first: transient, and without
 * confirms. While more waits than the connection takes, hints are dropped: whoever they are for asks the database.
 */
export function createHints(
  connection: ChannelModel,
  { now, service }: HintOptions,
): (hints: readonly OutgoingMessage[]) => void {
  let channel: Promise<Channel> | undefined;
  let isFull = false;
  const open = async (): Promise<Channel> => {
    const opened = await connection.createChannel();
    /* It does not end the connection: a hint that nobody hears costs a heartbeat. */
    opened.on('error', () => {});
    opened.on('close', () => {
      channel = undefined;
    });
    opened.on('drain', () => {
      isFull = false;
    });
    isFull = false;
    return opened;
  };
  const send = (one: Channel, hint: OutgoingMessage): void => {
    if (isFull) return;
    const { exchange, routingKey, content, options } = publicationOf(hint, { at: now(), service });
    isFull = !one.publish(exchange, routingKey, content, { ...options, persistent: false });
  };
  return (hints) => {
    channel ??= open();
    channel.then(
      (one) => {
        for (const hint of hints) send(one, hint);
      },
      () => {
        channel = undefined;
      },
    );
  };
}
