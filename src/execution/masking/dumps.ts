/** Bytes of a row, as `xxd`, `hexdump` and `od` write them. */
const ROW = 16;
const ROW_OF_C = 12;
/** Rows of one value that are looked for. */
const MOST_ROWS = 16;
/** Shorter rows without the text beside them are part of too much else. */
const LEAST_BYTES = 4;

/**
 * The rows, without their offsets, that `xxd` (also `-u` and `-i`), `hexdump` and `od` (`-c`, `-x`, `-tx1`, `-tu1`, `-b`) make of a text that is dumped by itself, with a newline
 * behind it or without. A text that begins within a row is divided in too many ways to look for them.
 */
export function asDumps(text: string): readonly string[] {
  const bytes = Buffer.from(text).subarray(0, MOST_ROWS * ROW);
  const both = [bytes, Buffer.concat([bytes, Buffer.from('\n')])];
  return both.flatMap((all) => [...inRows(all, ROW).flatMap(dumped), ...inRows(all, ROW_OF_C).flatMap(included)]);
}

function inRows(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, row) =>
    bytes.subarray(row * size, (row + 1) * size),
  );
}

/** A row of `xxd -i`. */
function included(row: Buffer): readonly string[] {
  const numbers = [...row].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
  return row.length < LEAST_BYTES ? [] : [numbers.join(', ')];
}

function dumped(row: Buffer): readonly string[] {
  const shown = [...row].map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '.')).join('');
  const pairs = [...row].map((byte) => byte.toString(16).padStart(2, '0'));
  const words = Array.from({ length: Math.ceil(row.length / 2) }, (_, at) => pairs.slice(2 * at, 2 * at + 2));
  const halves = [pairs.slice(0, ROW / 2), pairs.slice(ROW / 2)].map((half) => half.join(' '));
  const inWords = words
    .map((word) => word.join(''))
    .join(' ')
    .padEnd(39);
  const withText = [
    `${inWords}  ${shown}`,
    `${inWords.toUpperCase()}  ${shown}`,
    `${pairs.join(' ').padEnd(47)}  ${shown}`,
    `${halves.join('  ').padEnd(48)}  |${shown}|`,
  ];
  if (row.length < LEAST_BYTES) return withText;
  const swapped = words.map(([first = '', second = '00']) => `${second}${first}`);
  const characters = [...row].map((byte) => characterOf(byte).padStart(4));
  const decimal = [...row].map((byte) => String(byte).padStart(4)).join('');
  const octal = [...row].map((byte) => byte.toString(8).padStart(3, '0')).join(' ');
  return [...withText, pairs.join(' '), swapped.join(' '), characters.join(''), decimal, octal];
}

const NAMED: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};

/** What `od -c` writes for a byte. */
function characterOf(byte: number): string {
  return NAMED[byte] ?? (isPrintable(byte) ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'));
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
