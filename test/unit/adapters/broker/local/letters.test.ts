import { expect, test } from 'bun:test';
import { createLetters, type Letter } from '#adapters/broker/local/letters.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

function openLetters(ttlMs: number | undefined) {
  const clock = createFakeClock();
  const expired: string[] = [];
  const letters = createLetters({ clock, ttlMs, onExpired: (letter) => expired.push(letter.routingKey) });
  const write = (routingKey: string): Letter => ({
    body: new Uint8Array(),
    exchange: 'e',
    routingKey,
    at: clock.now(),
  });
  return { clock, expired, letters, write };
}

test('letters are handed out in their order, those that were put back first', () => {
  const { letters, write } = openLetters(undefined);
  for (const name of ['a', 'b', 'c']) letters.add(write(name));
  const handedOut = [letters.next(), letters.next()].flatMap((one) => one ?? []);
  letters.putBack(handedOut);
  const all = Array.from({ length: 4 }, () => letters.next()?.routingKey);
  expect(all).toEqual(['a', 'b', 'c', undefined]);
});

test('a letter that waits for its time expires while nobody asks, a younger one stays', async () => {
  const { clock, expired, letters, write } = openLetters(100);
  letters.add(write('old'));
  await clock.advance(60);
  letters.add(write('young'));
  await clock.advance(39);
  expect(expired).toEqual([]);
  await clock.advance(1);
  expect(expired).toEqual(['old']);
  expect(letters.next()?.routingKey).toBe('young');
});

test('a letter that was handed out expires when it is put back too late', async () => {
  const { clock, expired, letters, write } = openLetters(100);
  letters.add(write('a'));
  const letter = letters.next();
  await clock.advance(200);
  expect(expired).toEqual([]);
  letters.putBack(letter ? [letter] : []);
  expect([letters.next(), expired]).toEqual([undefined, ['a']]);
});

test('closed letters leave no timer behind and expire no more', async () => {
  const { clock, expired, letters, write } = openLetters(100);
  letters.add(write('a'));
  letters.close();
  await clock.settle();
  expect(clock.sleepers()).toEqual([]);
  await clock.advance(200);
  expect(expired).toEqual([]);
});
