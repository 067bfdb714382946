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
    ['legal winner \u009b31mthank\u009bm-year \u009b0Kwave.', '***.'],
    ['legal winner \\u009b31mthank\\x9bm-year\\xc2\\x9b0K \\302\\233Kwave.', '***.'],
    ['legal winner M-BM-^[31mthank-year M-BM-^[mwave.', '***.'],
    ['legal winner \u001bPq#0\u001b\\thank\u001b7-year\u001b= \u009d0;a title\u009cwave.', '***.'],
    ['legal \u0090q\u009cwinner thank-\u0098a\u009cyear \u009fb\u009cwave.', '***.'],
    ['legal \\u001b]8;;https://h/?a=b\\u001b\\\\winner\\u001b]8;;\\u0007 thank-\\e]0;t\\ayear wave.', '***.'],
    ['legal ^[]8;;https://h/^[\\winner^[]8;;^G thank\\u{1b}[1m-\\27[myear\\ESC[m wave.', '***.'],
    [`${[...SECRET].map((one) => `${one}\b${one}`).join('')}.`, 'l\b***.'],
    [`${[...SECRET].map((one) => `_\b${one}`).join('')}.`, '_\b***.'],
    [`${[...SECRET].map((one) => `${one}^H${one}`).join('')}.`, 'l^H***.'],
    [`"${[...SECRET].map((one) => `${one}\\b${one}`).join('')}."`, '"l\\b***."'],
    ['legal winner thaX\u0008nk-yeé\u0008ar wave.', '***.'],
    ['legal\u001b[32m loser thank-year\u001b[m wave', 'legal\u001b[32m loser thank-year\u001b[m wave'],
    ['legal \\bwinner\\b, C:\\bin\\x9 \u001b]0;legal winner', 'legal \\bwinner\\b, C:\\bin\\x9 \u001b]0;legal winner'],
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

test('backspaces in a row strike out as many letters', async () => {
  expect(await masked([SECRET], ['legal winner thxyz\b\b\bank-yu\bear wave \b.'])).toBe('*** \b.');
});

test('what waits for more of a secret is bounded', async () => {
  const blanks = ' '.repeat(300_000);
  expect(await masked([SECRET], [`legal${blanks}`, blanks, '.'])).toBe(`legal${blanks}${blanks}.`);
});
