import { expect, test } from 'bun:test';
import { createByteCollector } from '#domain/byte-collector.ts';

test('bytes are collected in order, and are copies', () => {
  const collector = createByteCollector();
  const expected: number[] = [];
  for (let length = 0; length < 200; length++) {
    const bytes = new Uint8Array(length).fill(length);
    expected.push(...bytes);
    collector.add(bytes);
    bytes.fill(255);
  }
  expect(collector.length).toBe(expected.length);
  expect([...collector.take()]).toEqual(expected);
});

test('what nobody has added to is empty', () => {
  expect(createByteCollector().take().length).toBe(0);
});
