import { expect, test } from 'bun:test';
import { nearest, nearestRef } from '#domain/nearest.ts';

test('a ref is compared with the actions of its pack, and with all where there is no such pack', () => {
  const refs = ['sample.hash', 'sample.stats', 'mail.send'];
  expect(nearestRef('sample.stast', refs)).toBe('sample.stats');
  expect(nearestRef('stats', refs)).toBe('sample.stats');
  expect(nearestRef('sampel.stats', refs)).toBe('sample.stats');
  expect(nearestRef('sample.nope', refs)).toBeUndefined();
  expect(nearestRef('nothing', refs)).toBeUndefined();
});

test('words and candidates without end are compared with nothing', () => {
  const endless = 'a'.repeat(900_000);
  expect(nearest(endless, ['a', endless])).toBeUndefined();
  expect(nearest('pyhton', [endless, 'python'])).toBe('python');
});
