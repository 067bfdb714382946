import { expect, test } from 'bun:test';
import { type BatcherOptions, createBatcher } from '#domain/batcher.ts';
import { createPace } from '#domain/pace.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

/** A batcher whose flushes end when the test says so. */
function openBatcher(options: BatcherOptions<number>) {
  const batches: (readonly number[])[] = [];
  const underWay: (() => void)[] = [];
  const batcher = createBatcher<number>((items) => {
    batches.push(items);
    return new Promise((resolve) => underWay.push(resolve));
  }, options);
  return { ...batcher, batches, endFlush: () => underWay.shift()?.() };
}

test('items of one step share a flush, items that come during a flush share the next one', async () => {
  const clock = createFakeClock();
  const { add, batches, endFlush } = openBatcher({ most: 10 });
  add(1);
  add(2);
  expect(batches).toEqual([]);
  await clock.settle();
  expect(batches).toEqual([[1, 2]]);
  add(3);
  add(4);
  await clock.settle();
  expect(batches).toHaveLength(1);
  endFlush();
  await clock.settle();
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('items share a flush as far as they are small together, and a large one is alone', async () => {
  const clock = createFakeClock();
  const { add, batches, endFlush } = openBatcher({ most: 3, mostSize: 10, sizeOf: (item) => item });
  for (const item of [4, 6, 1, 30, 2, 2, 2, 2]) add(item);
  for (let flush = 0; flush < 5; flush++) {
    await clock.settle();
    endFlush();
  }
  await clock.settle();
  expect(batches).toEqual([[4, 6], [1], [30], [2, 2, 2], [2]]);
});

test('no flush has more than the most items, and their order stays', async () => {
  const clock = createFakeClock();
  const { add, batches, endFlush } = openBatcher({ most: 2 });
  for (const item of [1, 2, 3, 4, 5]) add(item);
  for (let flushes = 0; flushes < 3; flushes++) {
    await clock.settle();
    endFlush();
  }
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test('what exceeds the bound is refused until there is room again', async () => {
  const clock = createFakeClock();
  const { add, batches, endFlush } = openBatcher({ most: 2, mostWaiting: 3 });
  expect([1, 2, 3, 4].map(add)).toEqual([true, true, true, false]);
  await clock.settle();
  expect([5, 6, 7].map(add)).toEqual([true, true, false]);
  endFlush();
  await clock.settle();
  endFlush();
  await clock.settle();
  expect(batches).toEqual([[1, 2], [3, 5], [6]]);
});

test('idle waits for every flush, of what was added meanwhile too', async () => {
  const clock = createFakeClock();
  const { add, idle, endFlush } = openBatcher({ most: 1 });
  await idle();
  let isIdle = false;
  add(1);
  const waiting = idle().then(() => {
    isIdle = true;
  });
  add(2);
  await clock.settle();
  endFlush();
  await clock.settle();
  expect(isIdle).toBe(false);
  endFlush();
  await waiting;
  expect(isIdle).toBe(true);
});

test('a pause gathers what comes in its time, before the first flush too', async () => {
  const clock = createFakeClock();
  const { add, batches, endFlush } = openBatcher({ most: 10, pause: () => clock.sleep(50) });
  add(1);
  await clock.advance(49);
  add(2);
  expect(batches).toEqual([]);
  await clock.advance(1);
  expect(batches).toEqual([[1, 2]]);
  add(3);
  endFlush();
  await clock.advance(49);
  expect(batches).toHaveLength(1);
  await clock.advance(1);
  expect(batches).toEqual([[1, 2], [3]]);
});

test('a pace lets the first flush begin at once, and the next ones so long after the one before', async () => {
  const clock = createFakeClock(1000);
  const { add, batches, endFlush } = openBatcher({ most: 10, pause: createPace(clock, 5) });
  add(1);
  await clock.settle();
  expect(batches).toEqual([[1]]);
  endFlush();
  await clock.advance(2);
  add(2);
  await clock.advance(2);
  add(3);
  expect(batches).toHaveLength(1);
  await clock.advance(1);
  expect(batches).toEqual([[1], [2, 3]]);
  endFlush();
  await clock.advance(100);
  add(4);
  await clock.settle();
  expect(batches).toEqual([[1], [2, 3], [4]]);
});

test('when the wall clock is set back by an hour, a pace flushes at its usual moment', async () => {
  const clock = createFakeClock(1000);
  const { add, batches, endFlush } = openBatcher({ most: 10, pause: createPace(clock, 5) });
  add(1);
  await clock.settle();
  endFlush();
  clock.shiftWall(-3_600_000);
  add(2);
  await clock.advance(5);
  expect(batches).toEqual([[1], [2]]);
});

test('an item that is added in any step after a flush is flushed too', async () => {
  for (let steps = 0; steps < 20; steps++) {
    const flushed: number[] = [];
    const ended = Promise.withResolvers<void>();
    const batcher = createBatcher<number>(
      async (items) => {
        flushed.push(...items);
        ended.resolve();
      },
      { most: 10 },
    );
    batcher.add(1);
    await ended.promise;
    for (let step = 0; step < steps; step++) await Promise.resolve();
    batcher.add(2);
    await batcher.idle();
    expect([steps, flushed]).toEqual([steps, [1, 2]]);
  }
});
