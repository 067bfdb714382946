import { expect, test } from 'bun:test';
import { chooseEvicted, type Held } from '#webhook/choose-evicted.ts';

const held = (network: string, since: number, hasShakenHands = true): Held => ({ network, since, hasShakenHands });
const chosen = (...all: readonly Held[]): unknown => {
  const one = chooseEvicted(all);
  return one && [one.network, one.since];
};

test('the network that holds most loses the connection that has made no step for longest', () => {
  expect(chosen()).toBeUndefined();
  expect(chosen(held('a', 1), held('b', 3), held('b', 2))).toEqual(['b', 2]);
  expect(chosen(held('a', 2), held('b', 1))).toEqual(['b', 1]);
});

test('many connections without a handshake push out each other, and no other one of their network', () => {
  const strangers = (count: number): readonly Held[] =>
    Array.from({ length: count }, (_, n) => held('a', 10 + n, false));
  expect(chosen(held('a', 1), ...strangers(16))).toEqual(['a', 1]);
  expect(chosen(held('a', 1), ...strangers(17))).toEqual(['a', 10]);
});
