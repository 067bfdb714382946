import { expect, test } from 'bun:test';
import { minutesOf, type SampledExecution } from '#domain/activity.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/durations.ts';

/** The middle of a minute. */
const NOW = 1000 * HOUR_MS + 30_000;

function at(minutesAgo: number | undefined): number | undefined {
  return minutesAgo === undefined ? undefined : NOW - minutesAgo * MINUTE_MS;
}

function one(created: number, started?: number, ended?: number): SampledExecution {
  return { created: at(created) ?? 0, started: at(started), ended: at(ended), hasFailed: ended === 1 };
}

function minutes(executions: readonly SampledExecution[], step = 1) {
  return minutesOf({ now: NOW, step, executions, slots: 0 }, HOUR_MS);
}

test('the minutes of an hour are told, the present one last', () => {
  const all = minutes([]);
  expect(all).toHaveLength(60);
  expect(all.at(-1)?.at).toBe(1000 * HOUR_MS);
  expect(all.every((minute) => minute.requested === 0 && minute.waitP95 === undefined)).toBe(true);
});

test('an execution counts where it was requested, began and ended, and in between', () => {
  const all = minutes([one(5, 3, 1)]);
  const told = all
    .slice(-6)
    .map(({ requested, waiting, running, ended, failed, waitP95 }) => [
      ...[requested, waiting, running, ended, failed, waitP95],
    ]);
  expect(told).toEqual([
    [1, 1, 0, 0, 0, undefined],
    [0, 1, 0, 0, 0, undefined],
    [0, 0, 1, 0, 0, 2 * MINUTE_MS],
    [0, 0, 1, 0, 0, undefined],
    [0, 0, 0, 1, 1, undefined],
    [0, 0, 0, 0, 0, undefined],
  ]);
});

test('what was requested before the hour and still waits or runs counts in all of it; what is sampled is scaled', () => {
  const all = minutes([one(500), one(600, 550)], 10);
  expect(all.map(({ waiting, running }) => `${waiting} ${running}`)).toEqual(new Array(60).fill('10 10'));
});

test('what was cancelled before it began waits no more', () => {
  expect(
    minutes([one(4, undefined, 2)])
      .slice(-5)
      .map((minute) => minute.waiting),
  ).toEqual([1, 1, 0, 0, 0]);
});

test('of a hundred waits the 95th is told', () => {
  const waits = Array.from({ length: 100 }, (_, n) => ({ ...one(0), created: NOW - n - 1, started: NOW }));
  expect(minutes(waits).at(-1)?.waitP95).toBe(95);
});
