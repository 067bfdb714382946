import { expect, test } from 'bun:test';
import { createMasker } from '#execution/masking/masker.ts';

const all = 'of-all-executions of-the-first of-the-second';

test('maskers that are forked know what the first one knows, and each what it learns itself', async () => {
  const shared = createMasker(['of-all-executions']);
  const first = shared.fork();
  const second = shared.fork();
  await first.learn(['of-the-first']);
  second.add('of-the-second');
  expect(first.text(all)).toBe('*** *** of-the-second');
  expect(second.text(all)).toBe('*** of-the-first ***');
  expect(shared.text(all)).toBe('*** of-the-first of-the-second');
  expect(shared.fork().text(all)).toBe('*** of-the-first of-the-second');
});

test('a masker that goes on learning leaves those that were forked from it as they are', () => {
  const shared = createMasker(['of-all-executions']);
  const before = shared.fork();
  shared.add('of-the-first');
  expect(before.text(all)).toBe('*** of-the-first of-the-second');
  expect(shared.fork().text(all)).toBe('*** *** of-the-second');
});
