import { expect, test } from 'bun:test';
import { createSteadyNow } from '#cli/wiring/clock.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

test('a steady clock shows the wall time, also when that is set on', async () => {
  const clock = createFakeClock(10_000);
  const now = createSteadyNow(clock);
  await clock.advance(500);
  expect(now()).toBe(10_500);
  clock.shiftWall(3_600_000);
  expect(now()).toBe(3_610_500);
});

test('when the wall clock is set back, a steady clock passes on until the wall clock has caught up', async () => {
  const clock = createFakeClock(10_000);
  const now = createSteadyNow(clock);
  clock.shiftWall(-2000);
  expect(now()).toBe(10_000);
  await clock.advance(700);
  expect(now()).toBe(10_700);
  clock.shiftWall(1500);
  await clock.advance(100);
  expect(now()).toBe(10_800);
  clock.shiftWall(600);
  expect(now()).toBe(10_900);
});
