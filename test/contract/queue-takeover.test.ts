import { expect } from 'bun:test';
import { type Channel, connect } from 'amqplib';
import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { workerId } from '#domain/ids.ts';
import { workerQueues } from '#domain/worker-queues.ts';
import { serversTest, sharedRabbit } from '#test/support/servers-test.ts';
import { gather } from './broker-contract.ts';

const server = sharedRabbit();
const worker = workerId(4711);

/** Declares the queues of a worker as the agent of Attune's Rust control plane does; the broker refuses any difference. */
async function declareAsTheirs(channel: Channel): Promise<void> {
  const dead = { 'x-dead-letter-exchange': 'attune.dlx' };
  const declare = async (name: string, args: object): Promise<unknown> =>
    await channel.assertQueue(`worker.${worker}.${name}`, { durable: true, arguments: args });
  await declare('executions', { ...dead, 'x-message-ttl': 300_000 });
  await declare('packs', dead);
  await declare('cancel', dead);
}

for (const first of ['they', 'we'] as const)
  serversTest(
    `a joined worker and the Rust agent can use the same queues, whoever declares them first: ${first}`,
    async () => {
      const theirs = await connect(server().url);
      const channel = await theirs.createChannel();
      for (const [name, type] of Object.entries({
        events: 'topic',
        executions: 'topic',
        notifications: 'fanout',
        dlx: 'direct',
      }))
        await channel.assertExchange(`attune.${name}`, type, { durable: true });
      if (first === 'they') await declareAsTheirs(channel);
      await using broker = openAmqpBroker({ url: server().url, clock });
      const queues = Object.values(workerQueues(worker, { kind: 'joined', isEphemeral: true }));
      const consumers = queues.map((queue) => broker.consume(queue, gather().options));
      await Promise.all(consumers.map((one) => one.ready));
      await declareAsTheirs(channel);
      await Promise.all(consumers.map((one) => one.remove()));
      for (const { name } of queues) {
        const probe = await theirs.createChannel();
        probe.on('error', () => {});
        await expect(probe.checkQueue(name)).rejects.toThrow('NOT_FOUND');
      }
      await declareAsTheirs(channel);
      for (const { name } of queues) await channel.deleteQueue(name);
      await theirs.close();
    },
  );

serversTest('a queue that somebody else consumes from is left to him', async () => {
  const theirs = await connect(server().url);
  const channel = await theirs.createChannel();
  await using broker = openAmqpBroker({ url: server().url, clock });
  const { cancel } = workerQueues(worker, { kind: 'joined' });
  const consumer = broker.consume(cancel, gather().options);
  await consumer.ready;
  await channel.consume(cancel.name, () => {});
  await consumer.remove();
  expect(await channel.checkQueue(cancel.name)).toMatchObject({ consumerCount: 1 });
  await channel.deleteQueue(cancel.name);
  await theirs.close();
});
