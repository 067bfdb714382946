import { expect, test } from 'bun:test';
import type { OutboxMessage } from '#domain/messages.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

function message(id: number): OutboxMessage {
  return { outboxId: `${id}`, messageId: `m${id}`, exchange: 'x', routingKey: 'k', messageType: 'T', payload: {} };
}

/** A relay between an outbox in memory and a broker that can be away. */
function openRelay(sweepEveryMs = 0) {
  const clock = createFakeClock();
  const published: string[][] = [];
  const forgotten: (readonly string[])[] = [];
  const hinted: string[] = [];
  const state = { isBrokerAway: false, isStoreAway: false, left: [] as readonly OutboxMessage[], sweeps: 0 };
  const relay = createRelay({
    clock,
    sweepEveryMs,
    broker: {
      hint: (hints) => void hinted.push(...hints.map((one) => one.messageId)),
      publish: async (messages) => {
        if (state.isBrokerAway) throw new Unavailable('no broker');
        published.push(messages.map((one) => one.messageId));
      },
      trouble: () => (state.isBrokerAway ? { word: 'broker', why: 'no broker' } : undefined),
    },
    store: {
      unpublished: async () => {
        if (state.isStoreAway) throw new Unavailable('no database');
        state.sweeps++;
        return state.left;
      },
      forget: async (ids) => {
        if (state.isStoreAway) throw new Unavailable('no database');
        forgotten.push(ids);
      },
    },
  });
  return { relay, clock, published, hinted, forgotten, state };
}

test('messages of one moment are published together, and all that was published in 50 ms is forgotten together', async () => {
  const { relay, clock, published, forgotten } = openRelay();
  relay.publish([message(1)]);
  relay.publish([message(2), message(3)]);
  await clock.settle();
  expect(published).toEqual([['m1', 'm2', 'm3']]);
  await clock.advance(40);
  relay.publish([message(4)]);
  expect(forgotten).toEqual([]);
  await clock.advance(10);
  expect(published).toEqual([['m1', 'm2', 'm3'], ['m4']]);
  expect(forgotten).toEqual([['1', '2', '3', '4']]);
  await relay.idle();
});

test('hints are published once, and nobody waits for them or publishes them again', async () => {
  const { relay, clock, published, hinted, forgotten } = openRelay();
  const { outboxId: _, ...hint } = message(7);
  relay.publish([hint, message(1)]);
  expect(hinted).toEqual(['m7']);
  await clock.advance(100);
  await relay.idle();
  expect([hinted, published.flat(), forgotten.flat()]).toEqual([['m7'], ['m1'], ['1']]);
});

test('a batch has 500 messages at most, and 10,000 wait at most: the sweep publishes what did not fit', async () => {
  const { relay, clock, published, state } = openRelay();
  relay.publish(Array.from({ length: 10_001 }, (_, id) => message(id)));
  await clock.settle();
  expect(published).toHaveLength(20);
  expect(published.every((batch) => batch.length === 500)).toBe(true);
  state.left = [message(10_000)];
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal);
  await clock.settle();
  expect(published[20]).toEqual(['m10000']);
  stop.abort();
  await sweeping;
});

test('what a broker that is away does not take is not forgotten, and swept when it is back', async () => {
  const { relay, clock, published, forgotten, state } = openRelay();
  state.isBrokerAway = true;
  relay.publish([message(1)]);
  state.left = [message(1)];
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal);
  await clock.advance(3000);
  expect([published, forgotten]).toEqual([[], []]);
  state.isBrokerAway = false;
  await clock.advance(1000);
  expect(published).toEqual([['m1']]);
  state.left = [];
  await clock.advance(50);
  expect(forgotten).toEqual([['1']]);
  stop.abort();
  await sweeping;
});

test('a database that is away ends neither the sweep nor the publishing', async () => {
  const { relay, clock, published, forgotten, state } = openRelay();
  const stop = new AbortController();
  state.isStoreAway = true;
  const sweeping = relay.sweep(stop.signal);
  relay.publish([message(1)]);
  await clock.advance(3000);
  expect([published, forgotten]).toEqual([[['m1']], []]);
  state.isStoreAway = false;
  state.left = [message(1)];
  await clock.advance(1000);
  expect(published).toEqual([['m1'], ['m1']]);
  stop.abort();
  await sweeping;
});

test('where sweeps are to be rare they are, but not after something went wrong', async () => {
  const { relay, clock, state } = openRelay(30_000);
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal);
  await clock.advance(120_000);
  const calm = state.sweeps;
  expect(calm).toBeLessThanOrEqual(5);
  expect(calm).toBeGreaterThanOrEqual(3);
  state.isBrokerAway = true;
  relay.publish([message(1)]);
  await clock.advance(60_000);
  expect(state.sweeps).toBe(calm);
  state.isBrokerAway = false;
  await clock.advance(9000);
  expect(state.sweeps).toBeGreaterThanOrEqual(calm + 8);
  const afterAlarm = state.sweeps;
  await clock.advance(25_000);
  expect(state.sweeps).toBeLessThanOrEqual(afterAlarm + 3);
  stop.abort();
  await sweeping;
});

test('whoever sweeps may ask for another pause than that of the relay', async () => {
  const { relay, clock, state } = openRelay(30_000);
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal, 2000);
  await clock.advance(20_000);
  stop.abort();
  await sweeping;
  expect(state.sweeps).toBeGreaterThan(4);
});

test('a sweep that found something is followed by another one', async () => {
  const { relay, clock, published, state } = openRelay(30_000);
  state.left = Array.from({ length: 500 }, (_, id) => message(id));
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal);
  await clock.advance(3500);
  expect(published).toHaveLength(4);
  stop.abort();
  await sweeping;
});

test('a wall clock that is set back by an hour delays neither sweeps nor what is forgotten', async () => {
  const { relay, clock, published, forgotten, state } = openRelay(30_000);
  const stop = new AbortController();
  const sweeping = relay.sweep(stop.signal);
  await clock.advance(1000);
  clock.shiftWall(-3_600_000);
  state.left = [message(1)];
  await clock.advance(45_000);
  expect(published.length).toBeGreaterThan(0);
  expect(forgotten.length).toBeGreaterThan(0);
  stop.abort();
  await sweeping;
});
