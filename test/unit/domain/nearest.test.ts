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

test('letters beyond the basic plane count as one letter each', () => {
  expect(nearest('label', ['\u{1f600}'.repeat(20), 'labels'])).toBe('labels');
  expect(nearest('\u{1f600}bc', ['\u{1f600}bd'])).toBe('\u{1f600}bd');
});

test('what no person has mistyped has no nearest, whatever it is compared with', () => {
  const long = 'a'.repeat(1_000_000);
  expect(nearest(long, ['a', long, `${long}b`])).toBeUndefined();
  expect(nearest('lable', [long, 'label', `lable-${long}`])).toBe('label');
  expect(nearest('part', [`part-${long}`])).toBeUndefined();
  const many = Array.from({ length: 1001 }, (_, i) => `name${i}`);
  expect(nearest('name5', many)).toBeUndefined();
  expect(nearest('name5', many.slice(1))).toBe('name5');
});
