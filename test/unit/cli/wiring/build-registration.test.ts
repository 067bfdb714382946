import { expect, test } from 'bun:test';
import { concurrencyWithin } from '#cli/wiring/build-registration.ts';

const MIB = 1024 * 1024;

test('no more runs at once than the container may carry', () => {
  expect(concurrencyWithin(10, { cpus: undefined, memoryBytes: undefined })).toBe(10);
  expect(concurrencyWithin(10, { cpus: 0.5, memoryBytes: undefined })).toBe(4);
  expect(concurrencyWithin(10, { cpus: 4, memoryBytes: 128 * MIB })).toBe(4);
  expect(concurrencyWithin(3, { cpus: 4, memoryBytes: 1024 * MIB })).toBe(3);
  expect(concurrencyWithin(10, { cpus: 0.01, memoryBytes: MIB })).toBe(1);
});
