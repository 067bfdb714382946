import { expect, test } from 'bun:test';
import { createRestingKeepers, LOOK_MS } from '#execution/process/resting-keepers.ts';

/** Resting keepers by their names, and the timers that look at them. */
function openResting() {
  const closed: string[] = [];
  const gone = new Set<string>();
  const timers: { readonly ms: number; readonly wake: () => void; isStopped: boolean }[] = [];
  const resting = createRestingKeepers<ReturnType<typeof keeper>>((ms, wake) => {
    const timer = { ms, wake, isStopped: false };
    timers.push(timer);
    return {
      stop: () => {
        timer.isStopped = true;
      },
    };
  });
  function keeper(name: string) {
    return { name, isGone: () => gone.has(name), close: () => void closed.push(name) };
  }
  return { ...resting, closed, gone, timers, keeper, look: () => timers.at(-1)?.wake() };
}

test('the one that has rested least is taken, and one that is gone is not', () => {
  const { add, take, gone, keeper } = openResting();
  for (const name of ['a', 'b', 'c']) add(keeper(name));
  gone.add('b');
  expect([take()?.name, take()?.name, take()?.name]).toEqual(['c', 'a', undefined]);
});

test('one that was not needed between two looks ends; the others stay', () => {
  const { add, take, look, closed, timers, keeper } = openResting();
  for (const name of ['a', 'b', 'c']) add(keeper(name));
  expect(timers.map(({ ms }) => ms)).toEqual([LOOK_MS]);
  look();
  expect(closed).toEqual([]);
  for (const one of [take(), take()]) if (one) add(one);
  look();
  expect(closed).toEqual(['a']);
  look();
  expect(closed).toEqual(['a', 'c', 'b']);
  expect(timers).toHaveLength(3);
});

test('while none rests there is no timer', () => {
  const { add, take, look, endAll, timers, keeper } = openResting();
  expect(timers).toEqual([]);
  add(keeper('a'));
  take();
  look();
  expect(timers).toHaveLength(1);
  add(keeper('b'));
  endAll();
  expect(timers.map(({ isStopped }) => isStopped)).toEqual([false, true]);
});

test('64 rest at most', () => {
  const { add, keeper } = openResting();
  const added = Array.from({ length: 65 }, (_, n) => add(keeper(String(n))));
  expect(added.filter((one) => !one)).toHaveLength(1);
  expect(added.at(-1)).toBe(false);
});
