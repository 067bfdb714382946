import { expect, test } from 'bun:test';
import { createPrintableStream, printable, printableLine, printableWithColours } from '#cli/printable.ts';

const ESC = '\u001b';
const BELL = '\u0007';

/** Ways to steer a terminal, each with what is shown instead. */
const steering: readonly (readonly [what: string, bytes: string, shown: string])[] = [
  ['the clipboard (OSC 52)', `${ESC}]52;c;aGk=${BELL}`, '\\x1b]52;c;aGk=\\x07'],
  ['the title', `${ESC}]0;owned${ESC}\\`, '\\x1b]0;owned\\x1b\\'],
  ['the cursor', `${ESC}[2A${ESC}[1000D`, '\\x1b[2A\\x1b[1000D'],
  ['clearing', `${ESC}[2J${ESC}c`, '\\x1b[2J\\x1bc'],
  ['an answer of the terminal', `${ESC}[6n${ESC}Z`, '\\x1b[6n\\x1bZ'],
  ['a mode', `${ESC}[?1049h`, '\\x1b[?1049h'],
  ['C1: CSI and OSC in one character', '\u009b31m\u009d0;x\u009c', '\\x9b31m\\x9d0;x\\x9c'],
  ['writing over the line', 'bad\rgood', 'bad\\x0dgood'],
  ['deleting', 'a\b\u007f', 'a\\x08\\x7f'],
  ['text that runs backwards', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['hidden text', `${ESC}[8mhidden${ESC}[1;08;3mtoo`, '\\x1b[8mhidden\\x1b[1;08;3mtoo'],
  ['hidden behind a colour', `${ESC}[38;5;1;8mx`, '\\x1b[38;5;1;8mx'],
  ['a colour that is none', `${ESC}[31;x`, '\\x1b[31;x'],
];

for (const [what, bytes, shown] of steering)
  test(`${what} is shown as text, wherever the pieces end`, () => {
    expect(printable(bytes)).toBe(shown);
    expect(printableWithColours(bytes)).toBe(shown);
    const all = Buffer.from(bytes);
    for (let cut = 0; cut <= all.length; cut++) {
      const stream = createPrintableStream();
      expect(stream.take(all.subarray(0, cut)) + stream.take(all.subarray(cut)) + stream.rest()).toBe(shown);
    }
  });

test('text, tabs, line ends and colours stay as they are in a stream, whatever its pieces', () => {
  const text = `a\tb\r\nc\n${ESC}[31mred${ESC}[0m ${ESC}[38;5;8mgrey${ESC}[48;2;8;8;8m ${ESC}[m äöü 日本 👍🏽`;
  const all = Buffer.from(text);
  const stream = createPrintableStream();
  const pieces = Array.from(all, (byte) => stream.take(Uint8Array.of(byte)));
  expect(pieces.join('') + stream.rest()).toBe(text);
  expect(printableWithColours(text)).toBe(text);
});

test('names and messages keep no colours, and a cell of a table has one line', () => {
  expect(printable(`${ESC}[31mred\n`)).toBe('\\x1b[31mred\n');
  expect(printableLine('two\nlines\tand a tab')).toBe('two\\nlines and a tab');
});

test('bytes that are no text do not steer either', () => {
  const stream = createPrintableStream();
  expect(stream.take(Uint8Array.of(0x9b, 0x33, 0x31, 0x6d)) + stream.rest()).toBe('\ufffd31m');
});

test('a name looks like no other by characters that are not seen', () => {
  const unseen = [
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u{e0041}',
    '\u3164',
    '\u115f',
    '\u034f',
    '\u200d',
    '\ufe0f',
    '\u{e0100}',
  ];
  for (const one of unseen)
    for (const name of [`good${one}`, `go${one}od`, `${one}good`]) {
      expect(printable(name)).not.toContain(one);
      expect(printable(name)).toMatch(/\\[xu]/);
    }
  expect(printable('good\u{e0041}')).toBe(String.raw`good\u{e0041}`);
  expect(printable('👩‍👩‍👧 ❤️ می‌خواهم 日本 äöü')).toBe('👩‍👩‍👧 ❤️ می‌خواهم 日本 äöü');
});
