/** Bytes without what divides or escapes them. */
export interface Bare {
  readonly bytes: Uint8Array;
  /** Index in the whole bytes of each. */
  readonly places: Uint32Array;
}

const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const blanks = new Set([...'\t\n\r '].map((one) => one.charCodeAt(0)));
/** Kinds of bytes: those that are left out, and those that are left out behind or before certain others. */
const NEVER = 1;
const BEHIND_BACKSLASH = 2;
const BEFORE_BREAK = 3;
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (blanks.has(byte) || byte === BACKSLASH) return NEVER;
  if (byte === EQUALS) return BEFORE_BREAK;
  return [...'nrt'].includes(String.fromCharCode(byte)) ? BEHIND_BACKSLASH : 0;
});

/**
 * A text without blanks, line breaks, backslashes, the escapes of blanks and breaks, and the sign by which mail programs
 * divide a line: what programs that fold lines or escape characters leave as it is.
 */
export function bare(text: string): string {
  return text.replace(/\\[nrt]|[ \t\r\n\\]|=(?=[\r\n])|=+$/g, '');
}

/** Bytes without what `bare` leaves out. */
export function bareBytes(all: Uint8Array): Bare {
  const bytes = new Uint8Array(all.length);
  const places = new Uint32Array(all.length);
  let count = 0;
  for (let at = 0; at < all.length; at++) {
    const byte = all[at] as number;
    const kind = kinds[byte] as number;
    if (kind !== 0 && isLeftOut(all, at, kind)) continue;
    bytes[count] = byte;
    places[count++] = at;
  }
  return { bytes: bytes.subarray(0, count), places: places.subarray(0, count) };
}

function isLeftOut(all: Uint8Array, at: number, kind: number): boolean {
  if (kind === NEVER) return true;
  if (kind === BEHIND_BACKSLASH) return all[at - 1] === BACKSLASH;
  const next = all[at + 1];
  return next === undefined || next === 0x0a || next === 0x0d;
}

/** Whether a byte divides or escapes others. */
export function isSeparator(byte: number | undefined): boolean {
  return byte !== undefined && (kinds[byte] === NEVER || byte === EQUALS);
}

/** Whether it depends on the next byte if the last one is left out. */
export function mayGoOn(bytes: Uint8Array): boolean {
  const last = bytes.at(-1);
  return last === BACKSLASH || last === EQUALS;
}
