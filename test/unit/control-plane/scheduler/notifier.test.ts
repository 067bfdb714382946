import { expect, test } from 'bun:test';
import { createNotifier } from '#control-plane/scheduler/notifier.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

function openNotifier() {
  const clock = createFakeClock();
  const notifier = createNotifier(clock);
  const stop = new AbortController();
  const wait = (ms: number, hearsEnds = true): { readonly wokenAt: () => number | undefined } => {
    let wokenAt: number | undefined;
    void notifier.wait(ms, stop.signal, { hearsEnds }).then(() => {
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

test('an end wakes who hears of ends alone, and is forgotten by who does not', async () => {
  const { clock, notifyEnd, wait } = openNotifier();
  const deaf = wait(50, false);
  notifyEnd();
  await clock.advance(100);
  notifyEnd();
  const deafAgain = wait(50, false);
  await clock.advance(100);
  const hearing = wait(50);
  await clock.advance(10);
  notifyEnd();
  await clock.settle();
  notifyEnd();
  await clock.advance(10);
  const heard = wait(50);
  await clock.settle();
  expect([deaf, deafAgain, hearing, heard].map((one) => one.wokenAt())).toEqual([50, 150, 210, 220]);
});
