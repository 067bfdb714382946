const NEWLINE = 0x0a;
/** Tab, line feed, carriage return and space. */
const BLANKS: readonly number[] = [9, 10, 13, 32];

/** The last line with something in it; undefined where the line begins before these bytes, or there is none. */
export function lastLineOf(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.findLastIndex((byte) => !BLANKS.includes(byte)) + 1;
  const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
  return before < 0 ? undefined : bytes.subarray(before + 1, end);
}
