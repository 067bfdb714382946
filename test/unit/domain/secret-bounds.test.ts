import { expect, test } from 'bun:test';
import { tooManySecrets } from '#domain/secret-bounds.ts';

const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `secret ${index}`);

test('as many secrets as can be masked are a thousand different texts, of 256 KiB together', () => {
  expect(tooManySecrets([texts(1000), texts(1000)])).toBeUndefined();
  expect(tooManySecrets(['x'.repeat(262_144)])).toBeUndefined();
});

test('more of them are too many, wherever in the values they are', () => {
  const said = '1001 secret texts: at most 1000 can be masked';
  expect(tooManySecrets([{ deep: [texts(1000)] }, 'one more'])).toBe(said);
  expect(tooManySecrets([Object.fromEntries(texts(1001).map((one, index) => [one, index]))])).toBe(said);
  expect(tooManySecrets([{ a: 'x'.repeat(262_144), b: 7 }])).toBe(
    'secrets of 262145 characters: at most 262144 can be masked',
  );
});
