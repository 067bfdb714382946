import { expect, test } from 'bun:test';
import { tooManySecrets } from '#domain/secret-bounds.ts';

const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `secret ${index}`);

test('as many secrets as can be masked are five hundred different texts, of 128 KiB together', () => {
  expect(tooManySecrets([texts(500), texts(500)])).toBeUndefined();
  expect(tooManySecrets(['x'.repeat(131_072)])).toBeUndefined();
});

test('more of them are too many, wherever in the values they are', () => {
  const said = '501 secret texts: at most 500 can be masked';
  expect(tooManySecrets([{ deep: [texts(500)] }, 'one more'])).toBe(said);
  expect(tooManySecrets([Object.fromEntries(texts(501).map((one, index) => [one, index]))])).toBe(said);
  expect(tooManySecrets([{ a: 'x'.repeat(131_072), b: 7 }])).toBe(
    'secrets of 131073 characters: at most 131072 can be masked',
  );
});
