import { expect, test } from 'bun:test';
import { ageOf, secondsOf } from '#domain/duration-text.ts';

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
