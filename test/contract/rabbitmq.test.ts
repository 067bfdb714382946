import { expect } from 'bun:test';
import { connect } from 'amqplib';
import { openAmqpBroker } from '#adapters/broker/amqp/broker.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import type { Broker } from '#domain/broker.ts';
import { serversTest, sharedRabbit } from '#test/support/servers-test.ts';
import { startProxy } from '#test/support/tcp-proxy.ts';
import { until } from '#test/support/until.ts';
import { brokerContract, gather, message, queue, sharedShape, unique } from './broker-contract.ts';

const server = sharedRabbit();

async function open(url = server().url): Promise<Broker> {
  const broker = openAmqpBroker({ url, clock });
  await until('the broker is connected', () => broker.trouble() === undefined);
  return broker;
}

const test = (title: string, body: () => Promise<void>): void => serversTest(`RabbitMQ: ${title}`, body);

brokerContract(test, open);
brokerContract((title, body) => test(`a shared queue: ${title}`, body), open, sharedShape);

test('envelope and properties are those of the protocol', async () => {
  await using broker = await open();
  const name = unique('raw');
  const connection = await connect(server().url);
  const channel = await connection.createChannel();
  await channel.assertQueue(name, { autoDelete: true, durable: false });
  await channel.bindQueue(name, 'attune.executions', name);
  const sent = message(name, 12);
  await broker.publish([sent, { ...sent, messageId: crypto.randomUUID() }]);
  const [first, second] = [await channel.get(name), await channel.get(name)];
  if (!(first && second)) throw new Error('nothing arrived');
  const envelope = JSON.parse(first.content.toString());
  expect(Object.keys(envelope)).toEqual([
    'message_id',
    'correlation_id',
    'message_type',
    'version',
    'timestamp',
    'headers',
    'payload',
  ]);
  expect(envelope).toMatchObject({
    message_id: sent.messageId,
    message_type: 'ExecutionRequested',
    version: '1.0',
    headers: { retry_count: 0, source_service: 'worker' },
    payload: sent.payload,
  });
  expect(envelope.correlation_id).toBe(second.properties.correlationId);
  expect(first.properties).toMatchObject({
    deliveryMode: 2,
    contentType: 'application/json',
    messageId: sent.messageId,
    correlationId: envelope.correlation_id,
  });
  expect(Math.abs(first.properties.timestamp * 1000 - Date.now())).toBeLessThan(10_000);
  await connection.close();
});

test('while no session opens it says what has to be mended, as doctor does', async () => {
  const troubled = async (change: (url: URL) => void): Promise<string> => {
    const url = new URL(server().url);
    change(url);
    await using broker = openAmqpBroker({ url: url.href, clock });
    await until('it was tried', () => broker.trouble()?.why.includes('not connected yet') === false);
    return broker.trouble()?.why ?? 'connected';
  };
  expect(
    await troubled((url) => {
      url.password = 'wrong';
    }),
  ).toContain('user or password are wrong');
  expect(
    await troubled((url) => {
      url.pathname = '/nothing';
    }),
  ).toContain('there is no such virtual host, or the user may not use it');
});

test('bytes that are no JSON at all become dead letters with the reason', async () => {
  await using broker = await open();
  const key = unique('k');
  const definition = queue(key);
  const dead: string[] = [];
  await using undertaker = broker.consume(
    {
      name: unique('dead'),
      bindings: [{ exchange: 'attune.dlx', routingKey: 'attune.dead_letter' }],
      expiresMs: 60_000,
    },
    {
      prefetch: 5,
      onMessage: () => {},
      onDeadLetter: (letter) => {
        if (letter.queue === definition.name)
          dead.push(`${letter.reason}: ${Buffer.from(letter.body).toString('hex')}`);
        letter.acknowledge();
      },
    },
  );
  const good = gather();
  await using consumer = broker.consume(definition, good.options);
  await Promise.all([undertaker.ready, consumer.ready]);
  const connection = await connect(server().url);
  const channel = await connection.createConfirmChannel();
  for (const bytes of [Buffer.from([0xff, 0xfe]), Buffer.from('{'), Buffer.from('[]'), Buffer.alloc(0)])
    channel.publish('attune.executions', key, bytes);
  await channel.waitForConfirms();
  await broker.publish([message(key, 3)]);
  await until('four died and one arrived', () => dead.length === 4 && good.messages.length === 1);
  expect(dead.toSorted()).toEqual([
    expect.stringMatching(/^no JSON: .+: 7b$/),
    expect.stringMatching(/^no JSON: .+: $/),
    'no JSON: not UTF-8: fffe',
    expect.stringMatching(/^no envelope: .*: 5b5d$/),
  ]);
  await connection.close();
});

test('disposable queues are classic queues that expire, and send their dead where they are caught', async () => {
  await using broker = await open();
  const definition = queue(unique('k'), { expiresMs: 10_000 });
  const consumer = broker.consume(definition, gather().options);
  await consumer.ready;
  await consumer[Symbol.asyncDispose]();
  const connection = await connect(server().url);
  const declare = async (more: object): Promise<unknown> => {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    return await channel.assertQueue(definition.name, {
      durable: true,
      arguments: {
        'x-queue-type': 'classic',
        'x-dead-letter-exchange': 'attune.dlx',
        'x-dead-letter-routing-key': 'attune.dead_letter',
        'x-expires': 10_000,
        ...more,
      },
    });
  };
  /* The broker accepts a declaration only with the arguments that the queue was made with. */
  expect(await declare({})).toMatchObject({ queue: definition.name });
  for (const other of [{ 'x-queue-type': 'quorum' }, { 'x-dead-letter-exchange': 'x' }, { 'x-expires': 1 }])
    await expect(declare(other)).rejects.toThrow('PRECONDITION');
  /* By a message that comes back when there is no queue for it: a declaration would renew the queue. */
  const probe = await connection.createConfirmChannel();
  let isThere = true;
  probe.on('return', () => {
    isThere = false;
  });
  const check = async (): Promise<boolean> => {
    probe.publish('', definition.name, Buffer.from('{}'), { mandatory: true });
    await probe.waitForConfirms();
    return isThere;
  };
  expect(await check()).toBe(true);
  await until('the queue has expired', async () => !(await check()));
  await connection.close();
});

test('a queue that is not disposable is a quorum queue', async () => {
  await using broker = await open();
  const { name, bindings } = queue(unique('k'));
  await using consumer = broker.consume({ name, bindings, expiresMs: 60_000 }, gather().options);
  await consumer.ready;
  const connection = await connect(server().url);
  const declare = async (type: string): Promise<unknown> => {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    const dead = { 'x-dead-letter-exchange': 'attune.dlx', 'x-dead-letter-routing-key': 'attune.dead_letter' };
    const own = { 'x-queue-type': type, 'x-expires': 60_000, ...dead };
    return await channel.assertQueue(name, { durable: true, arguments: own });
  };
  expect(await declare('quorum')).toMatchObject({ queue: name });
  await expect(declare('classic')).rejects.toThrow('PRECONDITION');
  await connection.close();
});

test('a queue that is there with other arguments is used as it is', async () => {
  const definition = queue(unique('k'));
  const connection = await connect(server().url);
  const channel = await connection.createChannel();
  await channel.assertQueue(definition.name, { durable: true });
  await using broker = await open();
  const all = gather();
  await using consumer = broker.consume(definition, all.options);
  await consumer.ready;
  await broker.publish([message(definition.bindings[0]?.routingKey ?? '', 4)]);
  await until('it arrives', () => all.messages.length === 1);
  await channel.deleteQueue(definition.name);
  await connection.close();
});

test('when its queue is deleted under it a consumer declares it and consumes again', async () => {
  await using broker = await open();
  const key = unique('k');
  const definition = queue(key);
  const all = gather();
  await using consumer = broker.consume(definition, all.options);
  await consumer.ready;
  const connection = await connect(server().url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(definition.name);
  await until(
    'it is heard again',
    async () => {
      await broker.publish([message(key, 9)]).catch(() => {});
      return all.messages.length > 0;
    },
    20_000,
  );
  await connection.close();
});

test('a connection that is cut is made again, and nothing unacknowledged is lost', async () => {
  const target = new URL(server().url);
  await using proxy = await startProxy(Number(target.port));
  target.port = String(proxy.port);
  await using broker = await open(target.href);
  const key = unique('k');
  const slow = gather({ acknowledges: false });
  await using consumer = broker.consume(queue(key), slow.options);
  await consumer.ready;
  await broker.publish([message(key, 1)]);
  await until('it is there', () => slow.messages.length === 1);
  proxy.cut();
  await until('the loss is noticed', () => broker.trouble() !== undefined);
  await expect(broker.publish([message(key, 2)])).rejects.toThrow(/^broker 127\.0\.0\.1:\d+: /);
  await until('it is delivered again', () => slow.messages.length === 2);
  slow.deliveries[0]?.acknowledge();
  slow.deliveries[1]?.acknowledge();
  await broker.publish([message(key, 3)]);
  await until('the next is there', () => slow.messages.length === 3);
  expect(slow.messages.map((one) => ('execution' in one ? Number(one.execution) : 0))).toEqual([1, 1, 3]);
});

test('a broker that swallows confirms is left after a while', async () => {
  const target = new URL(server().url);
  await using proxy = await startProxy(Number(target.port));
  target.port = String(proxy.port);
  await using broker = await open(target.href);
  proxy.mute();
  await expect(broker.publish([message(unique('k'), 1)])).rejects.toThrow(/broker: /);
  await until('the loss is noticed', () => broker.trouble() !== undefined);
  proxy.unmute();
  await until('it is back', () => broker.trouble() === undefined);
});

test('the broker is restarted just after the queue was made: the consumer gets messages again', async () => {
  const { power } = server();
  if (!power) throw new Error('this test restarts the server: it needs one of its own');
  await using broker = await open();
  const key = unique('k');
  const all = gather();
  await using consumer = broker.consume(queue(key), all.options);
  await consumer.ready;
  await power.kill();
  await power.start();
  const isDelivered = async (): Promise<boolean> => {
    await broker.publish([message(key, 1)]).catch(() => {});
    return all.messages.length > 0;
  };
  await until('messages are delivered again', isDelivered, 180_000);
});

test('the broker is restarted: everything goes on by itself, messages stay', async () => {
  const { power } = server();
  if (!power) throw new Error('this test restarts the server: it needs one of its own');
  await using broker = await open();
  const key = unique('k');
  const { name, bindings } = queue(key);
  const definition = { name, bindings, expiresMs: 60_000 };
  const all = gather();
  const consumer = broker.consume(definition, all.options);
  await consumer.ready;
  await consumer[Symbol.asyncDispose]();
  await broker.publish([message(key, 1)]);
  await until('its disk has the queue', () => power.remembers(definition.name));
  await power.kill();
  await until('the loss is noticed', () => broker.trouble() !== undefined);
  await using again = broker.consume(definition, all.options);
  await power.start();
  await again.ready;
  await until('the stored message arrives', () => all.messages.length === 1);
  await broker.publish([message(key, 2)]);
  await until('the new one arrives', () => all.messages.length === 2);
});
