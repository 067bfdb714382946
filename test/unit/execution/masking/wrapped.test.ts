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

test('what waits for more of a secret is bounded', async () => {
  const blanks = ' '.repeat(300_000);
  expect(await masked([SECRET], [`legal${blanks}`, blanks, '.'])).toBe(`legal${blanks}${blanks}.`);
});
