import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { readMessage } from '#adapters/broker/envelope.ts';
import type { ConsumeOptions, QueueDefinition } from '#domain/broker.ts';
import { messageOf } from '#domain/errors.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { readDeadLetter } from './dead-letter.ts';
import { bury } from './publish.ts';
import { answered } from './within.ts';

export interface Attachment {
  /** Stops deliveries; what was not acknowledged goes back to the queue. */
  detach(): Promise<void>;
}

interface AttachOptions {
  readonly queue: QueueDefinition;
  readonly options: ConsumeOptions;
  /** Resolves when the queue is declared, for which the channel does not wait. */
  readonly declared: Promise<void>;
  /** The channel on which messages that cannot be understood are published as dead letters. */
  readonly publisher: ConfirmChannel;
  /** Is called with the reason when nothing is delivered any more. */
  end(reason: string): void;
}

/** Consumes from a queue as soon as it is declared, over a channel of its own. */
export async function attach(connection: ChannelModel, attaching: AttachOptions): Promise<Attachment> {
  const { name } = attaching.queue;
  attaching.declared.catch(() => {}); /* it is awaited below */
  const channel = await answered(`no channel was opened for queue ${name}`, connection.createChannel());
  let isDetached = false;
  const end = (reason: string): void => {
    if (!isDetached) attaching.end(reason);
  };
  channel.on('error', (error: Error) => end(messageOf(error)));
  channel.on('close', () => end('the channel was closed'));
  const acknowledgements = createAcknowledgements(channel);
  const detach = async (): Promise<void> => {
    isDetached = true;
    acknowledgements.flush();
    await answered('the channel did not close', channel.close()).catch(() => {});
  };
  const receive = (delivery: ConsumeMessage | null): void => {
    /* The broker has cancelled the consumer: its queue was deleted, or has moved. */
    if (!delivery) end(`the broker stopped deliveries from ${name}`);
    else {
      acknowledgements.expect(delivery);
      hand(delivery, attaching, {
        acknowledge: () => acknowledgements.acknowledge(delivery),
        giveBack: () => acknowledgements.giveBack(delivery),
      });
    }
  };
  try {
    await consume(channel, attaching, receive);
  } catch (error) {
    void detach();
    throw error;
  }
  return { detach };
}

async function consume(
  channel: Channel,
  { queue: { name }, options: { prefetch, consumerTag = '' }, declared }: AttachOptions,
  receive: (delivery: ConsumeMessage | null) => void,
): Promise<void> {
  await answered(`queue ${name} got no prefetch`, channel.prefetch(prefetch));
  await declared;
  const consuming = channel.consume(name, receive, consumerTag === '' ? {} : { consumerTag });
  await answered(`queue ${name} was not consumed`, consuming);
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
