/** What every Broker does. Both adapters pass it. */
import { expect } from 'bun:test';
import type { Broker, ConsumeOptions, DeadDelivery, Delivery, QueueDefinition } from '#domain/broker.ts';
import { EXCHANGES, type IncomingMessage, type OutgoingMessage } from '#domain/messages.ts';
import { until } from '#test/support/until.ts';

type Test = (title: string, body: () => Promise<void>) => void;

/** The form of the queues that Attune's Rust control plane declares too. */
export const sharedShape: Partial<QueueDefinition> = { isDisposable: undefined, expiresMs: undefined, isShared: true };

/** Names of their own for each test: the server is shared. */
export function unique(name: string): string {
  return `${name}.${crypto.randomUUID()}`;
}

export function message(routingKey: string, execution = 1, changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId: crypto.randomUUID(),
    exchange: EXCHANGES.executions,
    routingKey,
    messageType: 'ExecutionRequested',
    payload: { execution_id: execution, worker_id: 7, attempt: 1 },
    ...changes,
  };
}

export function queue(routingKey: string, changes: Partial<QueueDefinition> = {}): QueueDefinition {
  return {
    name: unique('test.queue'),
    bindings: [{ exchange: EXCHANGES.executions, routingKey }],
    expiresMs: 60_000,
    isDisposable: true,
    ...changes,
  };
}

export interface Gathered {
  readonly messages: IncomingMessage[];
  readonly deliveries: Delivery[];
  readonly options: ConsumeOptions;
}

export function gather(change: { readonly prefetch?: number; readonly acknowledges?: boolean } = {}): Gathered {
  const { prefetch = 100, acknowledges = true } = change;
  const messages: IncomingMessage[] = [];
  const deliveries: Delivery[] = [];
  const onMessage = (delivery: Delivery): void => {
    messages.push(delivery.message);
    deliveries.push(delivery);
    if (acknowledges) delivery.acknowledge();
  };
  return { messages, deliveries, options: { prefetch, onMessage } };
}

const executionsIn = (messages: readonly IncomingMessage[]): readonly string[] =>
  messages.map((one) => ('execution' in one ? one.execution : ''));

const sometime = 15_000;

/** Holds for queues of any form: `shape` is what each has besides its name, its bindings and its time. */
export function brokerContract(test: Test, open: () => Promise<Broker>, shape: Partial<QueueDefinition> = {}): void {
  const queueOf: typeof queue = (routingKey, changes) => queue(routingKey, { ...shape, ...changes });
  test('messages reach the queues whose binding matches, once each, as what they are', async () => {
    await using broker = await open();
    const key = unique('execution.dispatch');
    const exact = gather();
    const topic = gather();
    const other = gather();
    await using a = broker.consume(queueOf(key), exact.options);
    await using b = broker.consume(queueOf(`${key.split('.').slice(0, 2).join('.')}.*`), topic.options);
    const elsewhere = unique('elsewhere');
    await using c = broker.consume(queueOf(elsewhere), other.options);
    await Promise.all([a.ready, b.ready, c.ready]);
    await broker.publish([message(key, 5), message(unique('nobody'), 6)]);
    /* The last message of each queue: whatever else was meant for the queue has come before it. */
    await broker.publish([message(key, 7), message(elsewhere, 8)]);
    const last = [exact, topic, other].map(
      ({ messages }) =>
        () =>
          executionsIn(messages).at(-1),
    );
    await until('the last have come', () => last.map((one) => one()).join() === '7,7,8', sometime);
    const dispatch = (execution: string) => ({ kind: 'dispatch', execution, worker: '7', attempt: 1, others: [] });
    const both = [dispatch('5'), dispatch('7')];
    expect([exact.messages, topic.messages, other.messages]).toEqual([both, both, [dispatch('8')]] as never);
  });

  test('each message of the protocol is understood', async () => {
    await using broker = await open();
    const key = unique('all');
    const all = gather();
    await using consumer = broker.consume(queueOf(key), all.options);
    await consumer.ready;
    await broker.publish([
      message(key, 1, { payload: { execution_id: 1, worker_id: 2, scheduled_attempt_updated_at: 'x' } }),
      message(key, 1, { payload: { execution_id: 2, action_ref: 'a.b' } }),
      message(key, 1, { messageType: 'ExecutionCancelRequested', payload: { execution_id: 3, worker_id: 2 } }),
      message(key, 1, { messageType: 'PackRegistered', payload: { pack_id: 1, pack_ref: 'core' } }),
      message(key, 1, { messageType: 'PackDeleted', payload: { pack_id: 1, pack_ref: 'core' } }),
      message(key, 1, { messageType: 'ExecutionCompleted', payload: { execution_id: 4 } }),
      message(key, 1, { messageType: 'ExecutionStatusChanged', payload: { execution_id: '5' } }),
      message(key, 1, { messageType: 'ExecutionCompleted', payload: { execution_id: 6, others: [7, '8'] } }),
    ]);
    await until('all are there', () => all.messages.length >= 8, sometime);
    expect(all.messages as readonly unknown[]).toEqual([
      { kind: 'dispatch', execution: '1', worker: '2', attempt: undefined, others: [] },
      { kind: 'execution-changed', execution: '2' },
      { kind: 'cancel', execution: '3', worker: '2' },
      { kind: 'pack-changed', packRef: 'core' },
      { kind: 'pack-changed', packRef: 'core' },
      { kind: 'execution-changed', execution: '4' },
      { kind: 'execution-changed', execution: '5' },
      { kind: 'execution-changed', execution: '6', others: ['7', '8'] },
    ]);
  });

  test('no more than the prefetch waits for acknowledgement, and order is kept', async () => {
    await using broker = await open();
    const key = unique('k');
    const slow = gather({ prefetch: 3, acknowledges: false });
    const witness = gather();
    await using consumer = broker.consume(queueOf(key), slow.options);
    await using other = broker.consume(queueOf(key), witness.options);
    await Promise.all([consumer.ready, other.ready]);
    for (let n = 0; n < 10; n++) await broker.publish([message(key, n)]);
    await until('all have reached the other queue', () => witness.messages.length === 10, sometime);
    await until('three are there', () => slow.messages.length >= 3, sometime);
    expect(slow.messages).toHaveLength(3);
    for (let n = 0; n < 10; n++) {
      await until('the next is there', () => slow.deliveries.length > n, sometime);
      slow.deliveries[n]?.acknowledge();
    }
    expect(executionsIn(slow.messages)).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
  });

  test('what was not acknowledged is delivered again when its consumer has gone', async () => {
    await using broker = await open();
    const key = unique('k');
    const definition = queueOf(key);
    const first = gather({ acknowledges: false });
    const consumer = broker.consume(definition, first.options);
    await consumer.ready;
    await broker.publish([message(key, 1), message(key, 2)]);
    await until('both are there', () => first.messages.length === 2, sometime);
    first.deliveries[0]?.acknowledge();
    await consumer[Symbol.asyncDispose]();
    const second = gather();
    await using again = broker.consume(definition, second.options);
    await again.ready;
    await until('the other comes again', () => second.messages.length > 0, sometime);
    expect(executionsIn(second.messages)).toEqual(['2']);
    first.deliveries[1]?.acknowledge(); /* too late, and harmless */
  });

  test('what is given back is delivered again', async () => {
    await using broker = await open();
    const key = unique('k');
    const picky = gather({ acknowledges: false });
    await using consumer = broker.consume(queueOf(key), picky.options);
    await consumer.ready;
    await broker.publish([message(key, 1)]);
    await until('it is there', () => picky.messages.length === 1, sometime);
    picky.deliveries[0]?.giveBack();
    await until('it is there again', () => picky.messages.length === 2, sometime);
    picky.deliveries[1]?.acknowledge();
  });

  test('a message that cannot be understood becomes a dead letter with the reason, and the next is delivered', async () => {
    await using broker = await open();
    const key = unique('k');
    const dead: DeadDelivery[] = [];
    await using undertaker = broker.consume(deadLetters(key), burial(dead));
    const good = gather();
    const definition = queueOf(key);
    await using consumer = broker.consume(definition, good.options);
    await Promise.all([undertaker.ready, consumer.ready]);
    await broker.publish([
      message(key, 1, { payload: { execution_id: 'x', worker_id: 1 } }),
      message(key, 1, { messageType: 'Nonsense' }),
      message(key, 2),
    ]);
    const ours = (): readonly DeadDelivery[] => dead.filter((one) => one.queue === definition.name);
    await until('two are dead and one lives', () => ours().length === 2 && good.messages.length === 1, sometime);
    expect(ours().map(({ exchange, routingKey }) => [exchange, routingKey])).toEqual([
      [EXCHANGES.executions, key],
      [EXCHANGES.executions, key],
    ]);
    expect(
      ours()
        .map((one) => one.reason)
        .toSorted(),
    ).toEqual([expect.stringContaining('payload: execution_id'), 'unknown message_type "Nonsense"']);
    expect(JSON.parse(Buffer.from(ours()[1]?.body ?? []).toString())).toMatchObject({ version: '1.0' });
  });

  test('a message that waits longer than its queue allows is a dead letter', async () => {
    await using broker = await open();
    const key = unique('k');
    const dead: DeadDelivery[] = [];
    await using undertaker = broker.consume(deadLetters(key), burial(dead));
    const busy = gather({ prefetch: 1, acknowledges: false });
    const definition = queueOf(key, { messageTtlMs: 200 });
    await using consumer = broker.consume(definition, busy.options);
    await Promise.all([undertaker.ready, consumer.ready]);
    await broker.publish([message(key, 1), message(key, 2)]);
    await until('the first is there', () => busy.messages.length === 1, sometime);
    await until('the second has died', () => dead.some((one) => one.queue === definition.name), sometime);
    expect(dead.find((one) => one.queue === definition.name)).toMatchObject({ reason: 'expired', routingKey: key });
    expect(busy.messages).toHaveLength(1);
    busy.deliveries[0]?.acknowledge();
  });

  test('consumers of one queue share its messages', async () => {
    await using broker = await open();
    const key = unique('k');
    const definition = queueOf(key);
    const [one, two] = [gather({ prefetch: 5, acknowledges: false }), gather({ prefetch: 5, acknowledges: false })];
    await using a = broker.consume(definition, one.options);
    await using b = broker.consume(definition, two.options);
    await Promise.all([a.ready, b.ready]);
    await broker.publish(Array.from({ length: 10 }, (_, n) => message(key, n)));
    await until('each has its share', () => one.messages.length === 5 && two.messages.length === 5, sometime);
    expect(new Set(executionsIn([...one.messages, ...two.messages])).size).toBe(10);
    for (const delivery of [...one.deliveries, ...two.deliveries]) delivery.acknowledge();
  });

  test('a thousand messages are confirmed in one call and arrive in order', async () => {
    await using broker = await open();
    const key = unique('k');
    const all = gather();
    await using consumer = broker.consume(queueOf(key), all.options);
    await consumer.ready;
    await broker.publish(Array.from({ length: 1000 }, (_, n) => message(key, n)));
    await until('all are there', () => all.messages.length === 1000, sometime);
    expect(executionsIn(all.messages)).toEqual(Array.from({ length: 1000 }, (_, n) => String(n)));
    expect(broker.trouble()).toBeUndefined();
  });

  for (const way of ['empty', 'remove'] as const)
    test(`the last consumer of a queue leaves nothing in it by ${way}`, async () => {
      await using broker = await open();
      const key = unique('k');
      const definition = queueOf(key);
      const idle = gather({ prefetch: 1, acknowledges: false });
      const first = broker.consume(definition, idle.options);
      await first.ready;
      await broker.publish([message(key, 1), message(key, 2)]);
      await until('one of them is there', () => idle.messages.length === 1, sometime);
      await first[way]();
      const second = gather();
      await using consumer = broker.consume(definition, second.options);
      await consumer.ready;
      await broker.publish([message(key, 3)]);
      await until('the next is there', () => second.messages.length > 0, sometime);
      expect(executionsIn(second.messages)).toEqual(['3']);
    });
}

/** The dead letters of a shared queue keep the routing key with which they came; those of the others have one of their own. */
function deadLetters(key: string): QueueDefinition {
  return {
    name: unique('test.dead'),
    bindings: ['attune.dead_letter', key].map((routingKey) => ({ exchange: EXCHANGES.deadLetters, routingKey })),
    expiresMs: 60_000,
  };
}

function burial(dead: DeadDelivery[]): ConsumeOptions {
  return {
    prefetch: 10,
    onMessage: () => {},
    onDeadLetter: (letter) => {
      dead.push(letter);
      letter.acknowledge();
    },
  };
}
