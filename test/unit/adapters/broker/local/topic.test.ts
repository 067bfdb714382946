import { expect, test } from 'bun:test';
import { matchesTopic } from '#adapters/broker/local/topic.ts';

test('topics match as in AMQP', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['a.b', 'a.b', true],
    ['a.*', 'a.b', true],
    ['a.*', 'a.b.c', false],
    ['a.#', 'a', true],
    ['a.#', 'a.b.c', true],
    ['#', '', true],
    ['#.c', 'a.b.c', true],
    ['*', '', true],
    ['a.#.z', 'a.z', true],
    ['a.#.z', 'a.y', false],
  ];
  for (const [pattern, key, expected] of cases)
    expect([pattern, key, matchesTopic(pattern, key)]).toEqual([pattern, key, expected]);
});
