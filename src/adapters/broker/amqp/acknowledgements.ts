import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Gathers the acknowledgements of one step and sends as few frames as possible: one frame acknowledges all deliveries
 * up to the first that is still open.
 */
export interface Acknowledgements {
  /** Is to be called before a delivery is handed on. */
  expect(delivery: ConsumeMessage): void;
  acknowledge(delivery: ConsumeMessage): void;
  /** Puts a delivery back into its queue, at once. */
  giveBack(delivery: ConsumeMessage): void;
  /** Sends at once what was acknowledged in this step: before the channel is closed. */
  flush(): void;
}

export function createAcknowledgements(channel: Channel): Acknowledgements {
  /* By delivery tag, in the order of their coming; true: done with, and not yet said. */
  const open = new Map<number, { readonly delivery: ConsumeMessage; isDone: boolean }>();
  let isDue = false;
  const send = (): void => {
    isDue = false;
    let lastOfAll: ConsumeMessage | undefined;
    for (const [tag, { delivery, isDone }] of open) {
      if (!isDone) break;
      lastOfAll = delivery;
      open.delete(tag);
    }
    const others = [...open].filter(([, { isDone }]) => isDone);
    ifOpen(() => {
      if (lastOfAll) channel.ack(lastOfAll, true);
      for (const [, { delivery }] of others) channel.ack(delivery);
    });
    for (const [tag] of others) open.delete(tag);
  };
  return {
    expect: (delivery) => {
      open.set(delivery.fields.deliveryTag, { delivery, isDone: false });
    },
    acknowledge: ({ fields }) => {
      const entry = open.get(fields.deliveryTag);
      if (!entry) return;
      entry.isDone = true;
      if (isDue) return;
      isDue = true;
      setImmediate(send);
    },
    giveBack: (delivery) => {
      if (open.delete(delivery.fields.deliveryTag)) ifOpen(() => channel.nack(delivery, false, true));
    },
    flush: send,
  };
}

/** After the end of its channel a delivery belongs to somebody else. */
function ifOpen(answer: () => void): void {
  try {
    answer();
  } catch {
    return;
  }
}
