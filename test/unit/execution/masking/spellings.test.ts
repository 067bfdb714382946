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
  'JSON in a URL': encodeURIComponent(JSON.stringify(secret)).slice(3, -3),
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

test('a secret that was read from a file is masked without its newline too, and line by line', async () => {
  expect(await masked(['tok-7f3a9c21\n'], ['use <tok-7f3a9c21> or tok-7f3a9c21\n'])).toBe('use <***> or ***');
  expect(await masked(['  padded-value  '], ['[padded-value]'])).toBe('[***]');
  const pair = 'first-line\n  second-line\nab\n';
  expect(await masked([pair], ['first-line, second-line, ab'])).toBe('***, ***, ab');
});

test('short lines of a long secret, and words that it happens to hold, stay readable', async () => {
  const key = '-----BEGIN KEY-----\n{\n}\nabc\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END KEY-----\n';
  const log = 'function abc() {\n  return [1, 2];\n}\nEND of abc, BEGIN of KEY\n';
  expect(await masked([key], [log])).toBe(log);
});

/** The digits of an encoding, `bits` each, of which those that hold bits of the secret alone are masked. */
function shownOf(digits: string, { before, bits }: { readonly before: number; readonly bits: number }): string {
  const first = Math.ceil((before * 8) / bits);
  const last = ((before + value.length) * 8) / bits;
  return `${digits.slice(0, first)}***${Math.ceil(last) === digits.length ? '' : digits.slice(Math.floor(last))}`;
}

const value = 'hunter2-hunter2-hun';

test.each([
  ['base64', 6, ['base64', '-w0']],
  ['base64 of openssl', 6, ['openssl', 'enc', '-base64', '-A']],
  ['base64url', 6, ['sh', '-c', 'base64 -w0 | tr +/ -_']],
  ['base32', 5, ['base32', '-w0']],
] as const)(
  'a secret at any place in longer %s leaves but the digits that its neighbours share',
  async (_, bits, encode) => {
    for (let before = 0; before < 6; before++)
      for (let after = 0; after < 6; after++) {
        const stdin = Buffer.concat([Buffer.alloc(before, ':'), Buffer.from(value), Buffer.alloc(after, 0xff)]);
        const digits = Bun.spawnSync([...encode], { stdin })
          .stdout.toString()
          .replaceAll('=', '')
          .trim();
        for (const width of [1000, 20, 7]) {
          const shown = await masked([value], [digits.replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n')]);
          const what = `${before} before, ${after} behind, lines of ${width}`;
          expect(shown.replaceAll('\n', ''), what).toBe(shownOf(digits, { before, bits }));
        }
      }
  },
);
