import { expect, test } from 'bun:test';
import { createLocalBroker } from '#adapters/broker/local/broker.ts';
import { gather, message, queue } from '#test/contract/broker-contract.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

test('a queue that nobody consumes for its time is gone with its messages', async () => {
  const clock = createFakeClock();
  await using broker = createLocalBroker(clock);
  const definition = queue('k', { expiresMs: 20 });
  await broker.consume(definition, gather().options)[Symbol.asyncDispose]();
  await broker.publish([message('k', 1)]);
  await clock.advance(20);
  const late = gather();
  await using _ = broker.consume(definition, late.options);
  await broker.publish([message('k', 2)]);
  await clock.settle();
  expect(late.messages).toMatchObject([{ execution: '2' }]);
});

test('a queue that is consumed again in time keeps its messages', async () => {
  const clock = createFakeClock();
  await using broker = createLocalBroker(clock);
  const definition = queue('k', { expiresMs: 20 });
  await broker.consume(definition, gather().options)[Symbol.asyncDispose]();
  await broker.publish([message('k', 1)]);
  await clock.advance(19);
  const late = gather();
  await using _ = broker.consume(definition, late.options);
  await clock.advance(100);
  await broker.publish([message('k', 2)]);
  await clock.settle();
  expect(late.messages).toMatchObject([{ execution: '1' }, { execution: '2' }]);
});
