/** Bytes without what divides or escapes them. */
export interface Bare {
  readonly bytes: Buffer;
  /** The index in the whole bytes of the one at an index. */
  placeAt(index: number): number;
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

/** For each byte of a text: 0 where `bare` leaves it out whatever stands beside it, else 1. */
const kept = Uint8Array.from(kinds, (kind) => (kind === NEVER ? 0 : 1));

/** Bytes without what `bare` leaves out. */
export function bareBytes(all: Buffer): Bare {
  const bytes = Buffer.allocUnsafeSlow(all.length);
  const count = dependsOnOthers(all) ? copyWithCare(all, bytes) : copyKept(all, bytes);
  return { bytes: bytes.subarray(0, count), placeAt: placesFrom(all, count) };
}

/** Whether it depends on the byte beside it if a byte is left out. */
function dependsOnOthers(all: Buffer): boolean {
  return all.includes(BACKSLASH) || all.includes('=\n') || all.includes('=\r') || all.at(-1) === EQUALS;
}

/* Nearly all output is copied here: no branch stands in its way. */
function copyKept(all: Uint8Array, to: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < all.length; at++) {
    const byte = all[at] as number;
    to[count] = byte;
    count += kept[byte] as number;
  }
  return count;
}

function copyWithCare(all: Uint8Array, to: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < all.length; at++) if (!isLeftOut(all, at)) to[count++] = all[at] as number;
  return count;
}

/** Near the end a place is found by walking, which costs less than a table of all places. */
const WALKED = 512;

/** Finds places; most searches ask for one near the end alone, from where on nothing is known yet. */
function placesFrom(all: Uint8Array, count: number): (index: number) => number {
  let table: Uint32Array | undefined;
  return (index) => {
    if (count - index <= WALKED) return walkBack(all, count - index);
    table ??= tableOf(all, count);
    return table[index] as number;
  };
}

/** The place of one of the last bytes that are not left out. */
function walkBack(all: Uint8Array, fromEnd: number): number {
  let place = all.length;
  for (let left = fromEnd; left > 0; left--) {
    place--;
    while (isLeftOut(all, place)) place--;
  }
  return place;
}

function tableOf(all: Uint8Array, count: number): Uint32Array {
  const places = new Uint32Array(count);
  let index = 0;
  for (let at = 0; at < all.length; at++) if (!isLeftOut(all, at)) places[index++] = at;
  return places;
}

function isLeftOut(all: Uint8Array, at: number): boolean {
  const kind = kinds[all[at] as number];
  if (kind === 0 || kind === undefined) return false;
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
