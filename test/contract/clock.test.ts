import { expect, test } from 'bun:test';
import { systemClock } from '#cli/wiring/clock.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { clockContract } from './clock-contract.ts';

clockContract(
  (title, body) => test(`the system's clock: ${title}`, body),
  () => ({ clock: systemClock, pass: (ms) => systemClock.sleep(ms) }),
);

clockContract(
  (title, body) => test(`the clock of tests: ${title}`, body),
  () => {
    const clock = createFakeClock();
    return { clock, pass: clock.advance };
  },
);

test("the system's clock tells the time of this machine", () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});

test('the clock of tests stands still until it is moved, and wakes each sleeper at its own moment', async () => {
  const clock = createFakeClock(1000);
  const moments: number[] = [];
  const sleepTwice = async (): Promise<void> => {
    await clock.sleep(10);
    moments.push(clock.monotonic());
    await clock.sleep(10);
    moments.push(clock.monotonic());
  };
  void sleepTwice();
  await clock.settle();
  expect([clock.now(), moments, clock.sleepers()]).toEqual([1000, [], [10]]);
  await clock.advance(25);
  expect([clock.now(), moments, clock.sleepers()]).toEqual([1025, [1010, 1020], []]);
});

test('the wall clock of tests can be set back, and nobody sleeps longer for it', async () => {
  const clock = createFakeClock(1000);
  let isAwake = false;
  void clock.sleep(10).then(() => {
    isAwake = true;
  });
  clock.shiftWall(-500);
  expect([clock.now(), clock.monotonic()]).toEqual([500, 1000]);
  await clock.advance(10);
  expect(isAwake).toBe(true);
});
