import { expect, test } from 'bun:test';
import { giveBack } from '#domain/give-back.ts';

test('bytes that have their memory for themselves are given back; a part of others stays', () => {
  const whole = new Uint8Array(1000);
  const part = new Uint8Array(10).subarray(2, 5);
  giveBack(whole);
  giveBack(part);
  expect([whole.length, part.length]).toEqual([0, 3]);
});
