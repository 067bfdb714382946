import { expect, test } from 'bun:test';
import { createNotifier } from '#control-plane/scheduler/notifier.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

function openNotifier() {
  const clock = createFakeClock();
  const notifier = createNotifier(clock);
  const stop = new AbortController();
  const wait = (ms: number): { readonly wokenAt: () => number | undefined } => {
    let wokenAt: number | undefined;
    void notifier.wait(ms, stop.signal).then(() => {
      wokenAt = clock.monotonic();
    });
    return { wokenAt: () => wokenAt };
  };
  return { ...notifier, clock, stop, wait };
}

test('it waits for its time when nobody notifies', async () => {
  const { clock, wait } = openNotifier();
  const waiting = wait(500);
  await clock.advance(1000);
  expect(waiting.wokenAt()).toBe(500);
});

test('a notification wakes at once; many count as one', async () => {
  const { clock, notify, wait } = openNotifier();
  const first = wait(500);
  await clock.advance(100);
  notify();
  notify();
  await clock.settle();
  const second = wait(500);
  await clock.advance(1000);
  expect([first.wokenAt(), second.wokenAt()]).toEqual([100, 600]);
});

test('a notification that comes while nobody waits is not lost', async () => {
  const { clock, notify, wait } = openNotifier();
  notify();
  await clock.advance(100);
  const waiting = wait(500);
  await clock.settle();
  expect(waiting.wokenAt()).toBe(100);
});

test('told to stop, it waits no more', async () => {
  const { clock, stop, wait } = openNotifier();
  const waiting = wait(500);
  await clock.advance(100);
  stop.abort();
  await clock.settle();
  const late = wait(500);
  await clock.settle();
  expect([waiting.wokenAt(), late.wokenAt(), clock.sleepers()]).toEqual([100, 100, []]);
});
