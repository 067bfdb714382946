/** A broker that is alive and leaves one answer out: its consumer must hear again, and must not be called well meanwhile. */
import { expect, test } from 'bun:test';
import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import type { Broker, QueueDefinition } from '#domain/broker.ts';
import { type ScriptedBroker, startScriptedBroker } from '#test/support/amqp/scripted-broker.ts';
import { until } from '#test/support/until.ts';

const DEADLINE_MS = 60_000;
/** A broker is given up after some seconds without an answer. */
const TEST_MS = 120_000;

const slowTest = (title: string, body: () => Promise<void>): void => test.concurrent(title, body, TEST_MS);

const queue: QueueDefinition = {
  name: 'worker.7.executions',
  bindings: [{ exchange: 'attune.executions', routingKey: 'execution.dispatch.worker.7' }],
  isDisposable: true,
  expiresMs: 60_000,
};

const open = (server: ScriptedBroker): Broker => openAmqpBroker({ url: server.url, clock });

const isWell = (broker: Broker): boolean => broker.trouble() === undefined;

/** Consumes, and resolves when a message has arrived. */
async function hear(broker: Broker, server: ScriptedBroker): Promise<void> {
  let hasHeard = false;
  broker.consume(queue, {
    prefetch: 5,
    consumerTag: 'worker-7',
    onMessage: (delivery) => {
      hasHeard = true;
      delivery.acknowledge();
    },
  });
  const isDelivered = (): boolean => {
    server.push();
    return hasHeard;
  };
  await until('a message is delivered', isDelivered, DEADLINE_MS);
}

for (const mode of ['hung-channel', 'silent', 'mute'] as const)
  for (const at of ['queue.declare', 'basic.consume'] as const)
    slowTest(
      `a consumer whose ${at} meets a ${mode} broker is a problem until it hears on another connection`,
      async () => {
        using server = await startScriptedBroker({ fault: { at, mode } });
        await using broker = open(server);
        await until('the broker is connected', () => isWell(broker), DEADLINE_MS);
        const hearing = hear(broker, server);
        await until('the deaf consumer is a problem', () => !isWell(broker), DEADLINE_MS);
        const { host } = new URL(server.url);
        expect(broker.trouble()?.word).toBe('broker');
        /* A mute broker answers nothing else either. */
        expect(broker.trouble()?.why).toMatch(
          new RegExp(
            `^broker ${host}: (nothing is delivered from queue ${queue.name}|it has not answered for \\d+ s)$`,
          ),
        );
        await hearing;
        await until('the problem is over', () => isWell(broker), DEADLINE_MS);
        expect(server.consumed()).toEqual([queue.name]);
        await until('the deaf connection is closed', () => server.live() === 1, DEADLINE_MS);
      },
    );

for (const mode of ['hung-channel', 'silent', 'mute'] as const)
  for (const at of [
    ...(['connection.start-ok', 'connection.open', 'channel.open', 'exchange.declare'] as const),
    ...(['confirm.select', 'queue.bind', 'basic.qos'] as const),
  ])
    slowTest(`a ${mode} broker in the place of its answer to ${at} is left for another connection`, async () => {
      using server = await startScriptedBroker({ fault: { at, mode } });
      await using broker = open(server);
      await hear(broker, server);
      await until('the problem is over', () => isWell(broker), DEADLINE_MS);
      await until('the deaf connection is closed', () => server.live() === 1, DEADLINE_MS);
    });

for (const delayMs of [450, 900])
  slowTest(`a round trip of ${delayMs} ms is slow, and enough for all queues of a worker`, async () => {
    using server = await startScriptedBroker({ delayMs });
    await using broker = open(server);
    for (const name of ['worker.7.cancel', 'worker.7.packs'])
      broker.consume({ ...queue, name }, { prefetch: 1, onMessage: () => {} });
    await hear(broker, server);
    await until('all are heard', () => server.consumed().length === 3, DEADLINE_MS);
  });

slowTest('a consumer that is left while its queue is declared does not consume later', async () => {
  using server = await startScriptedBroker({ delayMs: 50 });
  await using broker = open(server);
  await until('the broker is connected', () => isWell(broker), DEADLINE_MS);
  const consumer = broker.consume(queue, { prefetch: 1, onMessage: () => {} });
  await consumer[Symbol.asyncDispose]();
  await consumer.ready;
  await until('nothing is consumed', () => server.consumed().length === 0, DEADLINE_MS);
});

slowTest('an alarm of the broker is a problem until it is over, and nothing is published meanwhile', async () => {
  using server = await startScriptedBroker();
  await using broker = open(server);
  await until('the broker is connected', () => isWell(broker), DEADLINE_MS);
  server.alarm(true);
  await until('the alarm is a problem', () => !isWell(broker), DEADLINE_MS);
  expect(broker.trouble()?.word).toBe('alarm');
  expect(broker.trouble()?.why).toMatch(/: it takes no messages for now: low on memory$/);
  const message = {
    messageId: crypto.randomUUID(),
    exchange: 'attune.events',
    routingKey: 'x',
    messageType: 'X',
    payload: {},
  };
  await expect(broker.publish([message])).rejects.toThrow('low on memory');
  server.alarm(false);
  await until('the problem is over', () => isWell(broker), DEADLINE_MS);
});
