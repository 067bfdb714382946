import { expect } from 'bun:test';
import { type Channel, connect } from 'amqplib';
import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { workerId } from '#domain/ids.ts';
import { sharedQueues, workerQueue } from '#domain/worker-queues.ts';
import { serversTest, sharedRabbit } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';
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
      const queues = Object.values(sharedQueues(worker));
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
  const { cancel } = sharedQueues(worker);
  const consumer = broker.consume(cancel, gather().options);
  await consumer.ready;
  await channel.consume(cancel.name, () => {});
  await consumer.remove();
  expect(await channel.checkQueue(cancel.name)).toMatchObject({ consumerCount: 1 });
  await channel.deleteQueue(cancel.name);
  await theirs.close();
});

/** Declares the queue of executions as versions up to 0.1 do, which have two more besides. */
async function declareAsBefore(channel: Channel, name: string): Promise<void> {
  const dead = { 'x-dead-letter-exchange': 'attune.dlx', 'x-dead-letter-routing-key': 'attune.dead_letter' };
  const life = { 'x-queue-type': 'classic', 'x-expires': 1_800_000, 'x-message-ttl': 300_000 };
  await channel.assertQueue(name, { durable: true, arguments: { ...dead, ...life } });
  await channel.bindQueue(name, 'attune.executions', `execution.dispatch.worker.${worker}`);
}

serversTest(
  'a queue that an earlier version has left is used as it is, with what waits in it, for all messages',
  async () => {
    await using broker = openAmqpBroker({ url: server().url, clock });
    const queue = workerQueue(worker);
    await using first = broker.consume({ name: 'any', bindings: [], isDisposable: true }, gather().options);
    await first.ready;
    const theirs = await connect(server().url);
    const channel = await theirs.createChannel();
    await declareAsBefore(channel, queue.name);
    const send = (key: readonly [exchange: string, routingKey: string], messageType: string, payload: object) => {
      const [exchange, routingKey] = key;
      const messageId = crypto.randomUUID();
      return broker.publish([{ messageId, exchange, routingKey, messageType, payload: { ...payload } }]);
    };
    const dispatch = (execution: number): Promise<void> =>
      send(['attune.executions', `execution.dispatch.worker.${worker}`], 'ExecutionRequested', {
        execution_id: execution,
        worker_id: Number(worker),
        attempt: 1,
      });
    await dispatch(1);
    const { deliveries, options } = gather();
    const consumer = broker.consume(queue, options);
    await consumer.ready;
    await dispatch(2);
    await send(['attune.executions', `execution.cancel.worker.${worker}`], 'ExecutionCancelRequested', {
      execution_id: 3,
    });
    await send(['attune.events', 'pack.registered'], 'PackRegistered', { pack_ref: 'demo' });
    await until('all are delivered', () => deliveries.length === 4);
    expect(deliveries.map(({ message }) => message)).toMatchObject([
      { kind: 'dispatch', execution: '1' },
      { kind: 'dispatch', execution: '2' },
      { kind: 'cancel', execution: '3' },
      { kind: 'pack-changed', packRef: 'demo' },
    ]);
    await consumer[Symbol.asyncDispose]();
    await channel.deleteQueue(queue.name);
    await channel.deleteQueue('any');
    await theirs.close();
  },
);
