import { type Channel, connect } from 'amqplib';

/** Does work on a connection of its own, because the broker ends a channel with each refusal. */
export async function onChannel<T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(url);
  connection.on('error', () => {});
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    return await work(channel);
  } finally {
    await connection.close().catch(() => {});
  }
}

/** Tells whether somebody consumes a queue; what is sent to a queue that is not there yet is lost. */
export async function hasConsumer(url: string, queue: string): Promise<boolean> {
  return await onChannel(url, async (channel) => (await channel.checkQueue(queue)).consumerCount > 0).catch(
    () => false,
  );
}
