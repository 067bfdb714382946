import { expect, test } from 'bun:test';
import { ageOf, durationText, secondsOf } from '#domain/duration-text.ts';

test('durations are read with and without a unit', () => {
  const read = ['90', '1.5', '500ms', '5m', '1h30m', '2d'].map(secondsOf);
  expect(read).toEqual([90, 1.5, 0.5, 300, 5400, 172_800]);
  for (const text of ['', '0', '0s', '-5', 'five', '5x', '5 m', 'Infinity', '1e3'])
    expect(secondsOf(text)).toBeUndefined();
});

test('an age is one number with its unit', () => {
  const ages = [0, 119_000, 120_000, 7_199_000, 7_200_000, 172_800_000].map((ms) => ageOf(0, ms));
  expect([...ages, ageOf(1000, 0)]).toEqual(['0s', '119s', '2m', '119m', '2h', '2d', '0s']);
});

test('a time that something took is two units at most, and never sixty of one', () => {
  const times: readonly (readonly [seconds: number, text: string])[] = [
    [0, '0.00 s'],
    [-1, '0.00 s'],
    [0.5812, '0.58 s'],
    [9.994, '9.99 s'],
    [9.996, '10.0 s'],
    [12.34, '12.3 s'],
    [59.94, '59.9 s'],
    [59.96, '1m'],
    [250, '4m 10s'],
    [3599.6, '1h'],
    [7200, '2h'],
    [7380, '2h 3m'],
    [86_399, '1d'],
    [90_000, '1d 1h'],
    [457_200, '5d 7h'],
  ];
  expect(times.map(([seconds]) => durationText(seconds * 1000))).toEqual(times.map(([, text]) => text));
});
