import { expect, test } from 'bun:test';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { until } from '#test/support/until.ts';
import { brokerContract, gather, message, queue } from './broker-contract.ts';

brokerContract(
  (title, body) => test(`in this process: ${title}`, body),
  async () => createLocalBroker(Date.now),
);

test('in this process: a queue that nobody consumes for its time is gone with its messages', async () => {
  await using broker = createLocalBroker(Date.now);
  const definition = queue('k', { expiresMs: 20 });
  await broker.consume(definition, gather().options)[Symbol.asyncDispose]();
  await broker.publish([message('k', 1)]);
  await Bun.sleep(60);
  const late = gather();
  await using _ = broker.consume(definition, late.options);
  await broker.publish([message('k', 2)]);
  await until('the second is there', () => late.messages.length === 1);
  expect(late.messages[0]).toMatchObject({ execution: '2' });
});
