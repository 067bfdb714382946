import { expect, test } from 'bun:test';
import { masked } from './masked.ts';

const secret = 'p@ss/w0rd "ü" & more?';

const spellings: Readonly<Record<string, string>> = {
  'as it is': secret,
  'as JSON': JSON.stringify(secret).slice(1, -1),
  'as JSON of PHP': JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  'as JSON in ASCII': JSON.stringify(secret).slice(1, -1).replace('ü', '\\u00fc'),
  'URL-encoded': encodeURIComponent(secret),
  'as a form': new URLSearchParams({ a: secret }).toString().slice(2),
  'URL-encoded in lower case': encodeURIComponent(secret).replace(/%../g, (one) => one.toLowerCase()),
};

for (const [name, text] of Object.entries(spellings))
  test(`a secret is masked ${name}, wherever chunks divide it`, async () => {
    for (let at = 0; at <= text.length; at++)
      expect(await masked([secret], [`a ${text.slice(0, at)}`, `${text.slice(at)} b`])).toBe('a *** b');
    expect(
      await masked(
        [secret],
        [...Buffer.from(`a ${text} b`)].map((byte) => Uint8Array.of(byte)),
      ),
    ).toBe('a *** b');
  });

test('a secret is masked in base64, at each alignment and in its URL variant', async () => {
  for (const bytes of ['hunter2hunter2', secret, 'ÿþýüûúùø', 'four'])
    for (let before = 0; before < 4; before++)
      for (let after = 0; after < 4; after++)
        for (const alphabet of ['base64', 'base64url'] as const) {
          const text = Buffer.from(`${'x'.repeat(before)}${bytes}${'y'.repeat(after)}`).toString(alphabet);
          const shown = await masked([bytes], [text]);
          expect(shown, `${bytes} at ${before}`).toContain('***');
          /* What is left belongs to neighbours: the first and the last digits. */
          expect(shown.replace('***', '').length).toBeLessThan(before + after + 12);
        }
});

test('secrets within objects, numbers, and the lines of a long one', async () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n';
  expect(await masked([{ a: ['inner1'], b: { c: 123_456 } }, key], ['inner1 123456 MIIEvQIBADANBg x'])).toBe(
    '*** *** *** x',
  );
  expect(await masked(['abc', '', true, null], ['abc true null'])).toBe('abc true null');
});
