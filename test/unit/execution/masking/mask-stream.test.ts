import { expect, test } from 'bun:test';
import type { StreamName } from '#domain/execution.ts';
import { maskSink } from '#execution/masking/mask-stream.ts';
import { createMasker } from '#execution/masking/masker.ts';

/** The output of a stream that is written in these chunks. */
async function masked(secrets: readonly unknown[], chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const parts: Uint8Array[] = [];
  const write = (_: StreamName, bytes: Uint8Array): void => void parts.push(bytes.slice());
  const sink = maskSink({ write }, createMasker(secrets));
  for (const chunk of chunks) await sink.write('stdout', Buffer.from(chunk));
  await sink.close();
  return Buffer.concat(parts).toString('utf8');
}

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

test('what is no secret stays as it is, byte by byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
  const parts: Uint8Array[] = [];
  const sink = maskSink({ write: (_, part) => void parts.push(part.slice()) }, createMasker(['not in there']));
  for (let at = 0; at < bytes.length; at += 333) await sink.write('stderr', bytes.subarray(at, at + 333));
  await sink.close();
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

test('the longest of several, overlapping ones together, and those that come again and again', async () => {
  expect(await masked(['abcd', 'abcdefgh'], ['-abcdefgh-abcd-abcdef-'])).toBe('-***-***-***ef-');
  expect(await masked(['abcd', 'cdef'], ['-ab', 'cd', 'ef-'])).toBe('-***-');
  for (const size of [1, 3, 100])
    expect(await masked(['aaaa'], 'a'.repeat(100).match(new RegExp(`.{1,${size}}`, 'g')) ?? [])).toBe('***');
  expect(await masked(['abcd'], ['abc'])).toBe('abc');
});

test('secrets within objects, numbers, and the lines of a long one', async () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n';
  expect(await masked([{ a: ['inner1'], b: { c: 123_456 } }, key], ['inner1 123456 MIIEvQIBADANBg x'])).toBe(
    '*** *** *** x',
  );
  expect(await masked(['abc', '', true, null], ['abc true null'])).toBe('abc true null');
});

test('an action adds masks by a line, which is not shown', async () => {
  const text = 'token soon\n::add-mask::tok-12345\ngot tok-12345\n';
  for (let at = 0; at <= text.length; at++)
    expect(await masked([], [text.slice(0, at), text.slice(at)])).toBe('token soon\ngot ***\n');
  expect(await masked([], ['::add-mask::first\r\nfirst, no line: ::add-mask::x'])).toBe('***, no line: ::add-mask::x');
  expect(await masked([], ['::add-mask::at the end'])).toBe('');
  expect(await masked([], [`::add-mask::${'x'.repeat(70_000)}`, 'yyy', '\nafter\n'])).toBe('after\n');
  expect(await masked([], ['::add-', 'nothing'])).toBe('::add-nothing');
});

test('masks that one stream adds count for the other and for the result', async () => {
  const shown: string[] = [];
  const masker = createMasker([]);
  const sink = maskSink({ write: (stream, bytes) => void shown.push(`${stream} ${Buffer.from(bytes)}`) }, masker);
  await sink.write('stdout', Buffer.from('::add-mask::hunter2\n'));
  await sink.write('stderr', Buffer.from('hunter2\n'));
  await sink.close();
  expect(shown.join('')).toBe('stderr ***stderr \n');
  const value: unknown = { hunter2: ['a hunter2 b', 1, null], n: { deep: 'hunter2' } };
  expect(masker.value(value)).toEqual({
    '***': ['a *** b', 1, null],
    n: { deep: '***' },
  });
});

test('a flood of added masks is bounded, and said', async () => {
  const lines = Array.from({ length: 1010 }, (_, index) => `::add-mask::value-${index}-\n`).join('');
  const shown = await masked([], [`${lines}value-3- value-1005-\n`]);
  expect(shown).toContain('too many masks');
  expect(shown).toContain('*** value-1005-');
});
