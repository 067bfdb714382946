import type { ChannelModel } from 'amqplib';

/** Milliseconds between two messages that make the broker tell. */
const TELL_MS = 2000;
const NOWHERE = 'attune.nowhere';

export interface Alarms extends Disposable {
  /** Why the broker takes no messages for now; undefined if it takes them. */
  current(): string | undefined;
}

/**
 * Follows the alarms of RabbitMQ, during which it reads nothing from a connection that publishes. It tells of them only
 * when a connection publishes: `isCurious` makes it tell one that has nothing to publish, by messages that reach nobody.
 */
export function watchAlarms(connection: ChannelModel, isCurious: boolean): Alarms {
  let alarm: string | undefined;
  connection.on('blocked', (reason: string) => {
    alarm = `it takes no messages for now: ${reason}`;
  });
  connection.on('unblocked', () => {
    alarm = undefined;
  });
  const asking = isCurious ? askAgain(connection, () => alarm === undefined) : undefined;
  return { current: () => alarm, [Symbol.dispose]: () => clearInterval(asking) };
}

/** Publishes on a channel of its own: a user without the right to do so loses that channel alone, and asks no more. */
function askAgain(connection: ChannelModel, isFree: () => boolean): NodeJS.Timeout {
  const opening = connection.createChannel().catch(() => undefined);
  let isOpen = true;
  void opening.then((channel) => {
    channel?.on('error', () => {});
    channel?.on('close', () => {
      isOpen = false;
    });
  });
  const ask = async (): Promise<void> => {
    const channel = await opening;
    if (channel && isOpen && isFree()) channel.publish('', NOWHERE, Buffer.alloc(0));
  };
  return setInterval(() => void ask(), TELL_MS).unref();
}
