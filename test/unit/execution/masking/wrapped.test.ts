import { expect, test } from 'bun:test';
import { masked } from './masked.ts';

const SECRET = 'legal winner thank-year wave';

test('a secret that is folded, escaped or written as rows of numbers is hidden, in any chunks', async () => {
  const outputs = [
    ['1: legal winner\n  thank-year wave\n', '1: ***\n'],
    ['legal winner thank-\\\nyear wave$\n', '***$\n'],
    ['"legal winner thank-year\\\n  \\ wave"\n', '"***"\n'],
    ['legal winner thank=\r\n-year wave\r\n', '***\r\n'],
    ['./legal\\ winner\\ thank-year\\ wave', './***'],
    ['k=legal winner \u001b[01;31m\u001b[Kthank\u001b[m\u001b[K-year wave.', 'k=***.'],
    ['legal winner \u001b[7mthank-year\u001b(B\u001b[m\u000f wave.', '***.'],
    ['legal \u001b]8;;https://h/?a=b\u001b\\winner\u001b]8;;\u0007 thank-\u001b[38:5:1m\n\u001b[0Kyear wave.', '***.'],
    ['"legal winner \\u001b[31mthank\\u001B[m-\\x1b[1myear \\033[0m\\e[Kwave."', '"***."'],
    ['legal winner \\\\u001b[31mthank^[[m-year wave.', '***.'],
    ['legal\u001b[32m loser thank-year\u001b[m wave', 'legal\u001b[32m loser thank-year\u001b[m wave'],
    ['\u001b[1mno\u001b[m secret ^[ \\u00 \\', '\u001b[1mno\u001b[m secret ^[ \\u00 \\'],
    [`[\n  ${[...Buffer.from(SECRET)].join(',\n  ')}\n]`, '[\n  ***\n]'],
  ] as const;
  for (const [output, shown] of outputs) {
    expect(await masked([SECRET], [output])).toBe(shown);
    expect(
      await masked(
        [SECRET],
        [...Buffer.from(output)].map((byte) => Uint8Array.of(byte)),
      ),
    ).toBe(shown);
  }
});

test('words that only lack the blanks of a secret are shown, and so is what stands around one', async () => {
  expect(await masked(['password'], ['pass word, a password=\\n, pass\tword'])).toBe(
    'pass word, a ***=\\n, pass\tword',
  );
  expect(await masked(['$ec\\ret-key='], ['a $ec\\ret-key= b'])).toBe('a *** b');
});

test('a short secret is hidden where colours divide it, and an escape in a secret is no colour', async () => {
  expect(await masked(['qW3r'], ['a \u001b[1mq\u001b[mW3r b, q W3r'])).toBe('a \u001b[1m*** b, q W3r');
  expect(await masked(['q\u001b[31mW3r'], ['a q\u001b[31mW3r b'])).toBe('a *** b');
});

test('what waits for more of a secret is bounded', async () => {
  const blanks = ' '.repeat(300_000);
  expect(await masked([SECRET], [`legal${blanks}`, blanks, '.'])).toBe(`legal${blanks}${blanks}.`);
});
