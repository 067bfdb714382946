import { expect } from 'bun:test';
import type { Clock } from '#domain/clock.ts';

type Test = (title: string, body: () => Promise<void>) => void;

export interface ClockWorld {
  readonly clock: Clock;
  /** Lets at least so much time pass. */
  pass(ms: number): Promise<void>;
}

/** What every clock does. */
export function clockContract(test: Test, open: () => ClockWorld): void {
  test('time goes on, by both ways to tell it', async () => {
    const { clock, pass } = open();
    const before = { now: clock.now(), monotonic: clock.monotonic() };
    await pass(20);
    expect(clock.now()).toBeGreaterThanOrEqual(before.now + 19);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before.monotonic + 19);
  });

  test('a sleep lasts its time, and sleepers wake in the order of their times', async () => {
    const { clock, pass } = open();
    const woken: (readonly [ms: number, after: number])[] = [];
    const start = clock.monotonic();
    for (const ms of [30, 10, 20]) void clock.sleep(ms).then(() => woken.push([ms, clock.monotonic() - start]));
    await pass(30);
    await pass(0);
    expect(woken.map(([ms]) => ms)).toEqual([10, 20, 30]);
    for (const [ms, after] of woken) expect(after).toBeGreaterThanOrEqual(ms - 1);
  });

  test('a sleep ends when its signal aborts, and does not begin when it has', async () => {
    const { clock } = open();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000_000, stop.signal);
    stop.abort(new Error('never seen'));
    expect(await sleeping).toBeUndefined();
    expect(await clock.sleep(1_000_000, stop.signal)).toBeUndefined();
    expect(await clock.sleep(1_000_000, AbortSignal.abort())).toBeUndefined();
  });

  test('a sleep of no time, or of less, ends', async () => {
    const { clock, pass } = open();
    const sleeping = Promise.all([clock.sleep(0), clock.sleep(-5)]);
    await pass(0);
    expect(await sleeping).toEqual([undefined, undefined]);
  });

  test('random numbers are at least 0 and less than 1', async () => {
    const { clock } = open();
    for (let n = 0; n < 1000; n++) {
      const number = clock.random();
      expect(number >= 0 && number < 1).toBe(true);
    }
  });
}
