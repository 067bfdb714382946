import { expect, test } from 'bun:test';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { createSlots } from '#worker/slots.ts';
import { claimedExecution, createHeldRun, ids } from './samples.ts';

function openSlots(slots: number, run: (claimed: ClaimedExecution) => Promise<void>) {
  const clock = createFakeClock();
  const ended: ExecutionId[] = [];
  const opened = createSlots({
    slots,
    now: clock.monotonic,
    run,
    onEnd: ({ execution }) => void ended.push(execution),
  });
  return { ...opened, clock, ended };
}

test('as many run at once as there are slots, in their order; an end makes room for the next', async () => {
  const held = createHeldRun();
  const slots = openSlots(2, held.run);
  for (const id of [1, 2, 3, 4]) slots.add(claimedExecution(id));
  expect(held.started).toEqual(ids(1, 2));
  held.end(2);
  await slots.clock.settle();
  expect([held.started, slots.ended]).toEqual([ids(1, 2, 3), ids(2)]);
});

test('until one has ended nothing is claimed ahead: room is what is free', async () => {
  const held = createHeldRun();
  const slots = openSlots(3, held.run);
  const rooms = [slots.room()];
  for (const id of [1, 2, 3, 4]) {
    slots.add(claimedExecution(id));
    rooms.push(slots.room());
  }
  expect(rooms).toEqual([3, 2, 1, 0, -1]);
});

const durations: readonly (readonly [ms: number, room: number])[] = [
  [0, 52],
  [5, 12],
  [12, 6],
  [25, 4],
  [26, 2],
  [10_000, 2],
];
for (const [ms, room] of durations)
  test(`when an execution takes ${ms} ms, two slots have room for ${room}`, async () => {
    const slots = openSlots(2, () => slots.clock.sleep(ms));
    slots.add(claimedExecution(1));
    await slots.clock.advance(ms);
    expect(slots.ended).toEqual(ids(1));
    expect(slots.room()).toBe(room);
  });

test('the newest execution counts for a tenth of the average', async () => {
  let ms = 100;
  const slots = openSlots(1, () => slots.clock.sleep(ms));
  const rooms: number[] = [];
  for (ms of [100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) {
    slots.add(claimedExecution(1));
    await slots.clock.advance(ms);
    rooms.push(slots.room());
  }
  /* 100 ms · 0.9ⁿ falls to 25 ms after fourteen that took no time: only then one more is claimed ahead. */
  expect(rooms).toEqual([...Array(14).fill(1), 2]);
});

test('closed slots have no room, begin nothing, and give back what waits', async () => {
  const held = createHeldRun();
  const slots = openSlots(1, held.run);
  for (const id of [1, 2, 3]) slots.add(claimedExecution(id));
  expect(slots.close().map((one) => one.execution)).toEqual(ids(2, 3));
  slots.add(claimedExecution(4));
  held.end(1);
  await slots.clock.settle();
  expect([held.started, slots.room()]).toEqual([ids(1), 0]);
  expect(slots.close().map((one) => one.execution)).toEqual(ids(4));
});

test('slots are idle when nothing runs any more', async () => {
  const held = createHeldRun();
  const slots = openSlots(2, held.run);
  await slots.idle();
  slots.add(claimedExecution(1));
  slots.add(claimedExecution(2));
  let isIdle = false;
  const idle = slots.idle().then(() => {
    isIdle = true;
  });
  held.end(1);
  await slots.clock.settle();
  expect(isIdle).toBe(false);
  held.end(2);
  await idle;
  expect(slots.ended).toEqual(ids(1, 2));
});
