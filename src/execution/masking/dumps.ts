/** Bytes of a row, as `xxd`, `hexdump` and `od` write them. */
const ROW = 16;
/** Rows of one value that are looked for. */
const MOST_ROWS = 16;
/** Shorter rows without the text beside them are part of too much else. */
const LEAST_BYTES = 4;

/**
 * The rows, without their offsets, that `xxd`, `hexdump` and `od` make of a text that is dumped by itself, with a newline
 * behind it or without. A text that begins within a row is divided in too many ways to look for them.
 */
export function asDumps(text: string): readonly string[] {
  const bytes = Buffer.from(text).subarray(0, MOST_ROWS * ROW);
  return [bytes, Buffer.concat([bytes, Buffer.from('\n')])].flatMap(inRows).flatMap(dumped);
}

function inRows(bytes: Buffer): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) => bytes.subarray(row * ROW, (row + 1) * ROW));
}

function dumped(row: Buffer): readonly string[] {
  const shown = [...row].map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '.')).join('');
  const pairs = [...row].map((byte) => byte.toString(16).padStart(2, '0'));
  const words = Array.from({ length: Math.ceil(row.length / 2) }, (_, at) => pairs.slice(2 * at, 2 * at + 2));
  const halves = [pairs.slice(0, ROW / 2), pairs.slice(ROW / 2)].map((half) => half.join(' '));
  const withText = [
    `${words
      .map((word) => word.join(''))
      .join(' ')
      .padEnd(39)}  ${shown}`,
    `${pairs.join(' ').padEnd(47)}  ${shown}`,
    `${halves.join('  ').padEnd(48)}  |${shown}|`,
  ];
  if (row.length < LEAST_BYTES) return withText;
  const swapped = words.map(([first = '', second = '00']) => `${second}${first}`);
  const characters = [...row].map((byte) => characterOf(byte).padStart(4));
  return [...withText, pairs.join(' '), swapped.join(' '), characters.join('')];
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
