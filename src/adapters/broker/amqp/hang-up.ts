import type { ChannelModel } from 'amqplib';
import { messageOf } from '#domain/errors.ts';
import { within } from './within.ts';

const CLOSE_TIMEOUT_MS = 2000;

/** Closes the connection politely where the broker answers, and leaves no socket behind in any case. */
export async function hangUp(connection: ChannelModel): Promise<void> {
  /* amqplib names its socket in no type. */
  const { stream } = connection.connection as unknown as { stream: { destroy(error?: Error): void } };
  try {
    await within(CLOSE_TIMEOUT_MS, 'the connection did not close', connection.close());
    stream.destroy();
  } catch (error) {
    /* With an error: only then amqplib stops its timers. */
    stream.destroy(new Error(messageOf(error)));
  }
}
