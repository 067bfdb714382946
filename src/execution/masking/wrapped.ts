import { MASK } from '#domain/masks.ts';
import { createMatcher, type Matcher } from './matcher.ts';

/** Replaces encodings of secrets (base64, hexadecimal) that line breaks divide, at whatever width. */
export interface WrappedMasker {
  /**
   * Returns what may be shown, and what must wait for more bytes; `isOpen`: more will come. Yields whenever the search has
   * taken some milliseconds.
   */
  mask(bytes: Buffer, isOpen: boolean): Generator<undefined, Unwrapped>;
  /** A masker that knows more encodings besides. */
  with(encoded: readonly string[]): WrappedMasker;
}

interface Unwrapped {
  readonly shown: readonly Uint8Array[];
  readonly held: Uint8Array;
}

/** Shorter encodings are not looked for across lines: they would be found in too much else. */
const LEAST_DIGITS = 8;
const mask = Buffer.from(MASK);
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;
/** A newline within a string that JSON or a program wrote. */
const ESCAPED = Buffer.from('\\n');

/** Makes a masker of encodings that line breaks divide; `encoded` are texts of letters, digits and `+/-_`. */
export function createWrappedMasker(encoded: readonly string[]): WrappedMasker {
  return wrappedMaskerOf(createMatcher(longEnough(encoded)));
}

function longEnough(encoded: readonly string[]): readonly string[] {
  return encoded.filter((pattern) => pattern.length >= LEAST_DIGITS);
}

function wrappedMaskerOf(matcher: Matcher): WrappedMasker {
  const { longest } = matcher;
  return {
    *mask(bytes, isOpen) {
      if (longest === 0) return { shown: [bytes], held: nothing };
      const ranges: (readonly [number, number])[] = [];
      for (const run of runsOf(bytes, longest)) ranges.push(...(yield* rangesIn(run, matcher)));
      const masked = ranges.at(-1)?.[1] ?? 0;
      const end = isOpen ? Math.max(masked, yield* beginningAtEnd(bytes, matcher)) : bytes.length;
      return { shown: withMasks(bytes.subarray(0, end), ranges), held: bytes.subarray(end) };
    },
    with: (more) => wrappedMaskerOf(matcher.with(longEnough(more))),
  };
}

const nothing = new Uint8Array();

/** The bytes with a mask in place of each range; the ranges are in order, and may overlap. */
function withMasks(bytes: Buffer, ranges: readonly (readonly [number, number])[]): readonly Uint8Array[] {
  const shown: Uint8Array[] = [];
  let done = 0;
  for (const [start, end] of ranges) {
    if (start > done) shown.push(bytes.subarray(done, start));
    if (end > done) shown.push(mask);
    done = Math.max(done, end);
  }
  return done === 0 ? [bytes] : [...shown, bytes.subarray(done)];
}

/** Digits, without the line breaks that divide them. */
interface Run {
  readonly digits: Uint8Array;
  /** Index in the bytes of each digit. */
  readonly places: readonly number[];
  readonly end: number;
}

/** The runs that go over a line break; each begins at most `most` digits before the first of its breaks. */
function runsOf(bytes: Buffer, most: number): readonly Run[] {
  const runs: Run[] = [];
  const next = { plain: searchFor(bytes, NEWLINE), escaped: searchFor(bytes, ESCAPED) };
  for (let from = 0; from < bytes.length; ) {
    const at = Math.min(next.plain(from), next.escaped(from));
    if (at >= bytes.length) break;
    const run = runAround(bytes, at, Math.max(from, at - most));
    if (run) runs.push(run);
    from = Math.max(run?.end ?? 0, at + 1);
  }
  return runs;
}

/** Finds the next place of `what` from growing places on, the length of the bytes where there is none, in one pass. */
function searchFor(bytes: Buffer, what: number | Buffer): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = bytes.indexOf(what, from);
    if (found < 0) found = bytes.length;
    return found;
  };
}

/** The run that goes over the line break at `at` and begins at `from` or behind it; undefined: there is none. */
function runAround(bytes: Buffer, at: number, from: number): Run | undefined {
  const last = bytes[at] === NEWLINE && bytes[at - 1] === RETURN ? at - 1 : at;
  if (!(isDigit(bytes[last - 1]) && isDigit(bytes[behindBreak(bytes, last)]))) return undefined;
  let start = last;
  while (start > from && isDigit(bytes[start - 1])) start--;
  return runFrom(bytes, start);
}

function runFrom(bytes: Buffer, start: number): Run {
  const places: number[] = [];
  let at = start;
  while (at < bytes.length) {
    while (isDigit(bytes[at])) places.push(at++);
    const behind = behindBreak(bytes, at);
    if (behind === at || !isDigit(bytes[behind])) break;
    at = behind;
  }
  return { digits: digitsAt(bytes, places), places, end: at };
}

function digitsAt(bytes: Buffer, places: readonly number[]): Uint8Array {
  return Uint8Array.from(places, (place) => bytes[place] as number);
}

/** Index after a line break at `at` and the indentation of the next line; `at` itself where there is no break. */
function behindBreak(bytes: Buffer, at: number): number {
  let behind = at;
  if (bytes[behind] === RETURN) behind++;
  if (bytes[behind] === NEWLINE) behind++;
  else if (bytes[at] === BACKSLASH && bytes[at + 1] === 0x6e) behind = at + 2;
  else return at;
  while (bytes[behind] === 0x20 || bytes[behind] === 0x09) behind++;
  return behind;
}

/** Where patterns stand in a run, from left to right. */
function* rangesIn(
  { digits, places }: Run,
  matcher: Matcher,
): Generator<undefined, readonly (readonly [number, number])[]> {
  const ranges: (readonly [number, number])[] = [];
  let found = matcher.find(digits, 0, false);
  while (found && found.kind !== 'hold') {
    if (found.kind === 'pause') yield;
    else ranges.push([places[found.start] ?? 0, (places[found.end - 1] ?? 0) + 1]);
    found = matcher.find(digits, found.kind === 'match' ? found.start + 1 : found.start, false);
  }
  return ranges;
}

/** Index from which on the end of the bytes is the beginning of a pattern; their length: nowhere. */
function* beginningAtEnd(bytes: Buffer, matcher: Matcher): Generator<undefined, number> {
  const places = placesAtEnd(bytes, matcher.longest);
  const digits = digitsAt(bytes, places);
  let found = matcher.find(digits, 0, true);
  while (found && found.kind !== 'hold') {
    if (found.kind === 'pause') yield;
    found = matcher.find(digits, found.kind === 'match' ? found.start + 1 : found.start, true);
  }
  return found === undefined ? bytes.length : (places[found.start] ?? bytes.length);
}

/** Places of the digits at the end of the bytes, of up to `most`, also over line breaks; a break may be the last thing. */
function placesAtEnd(bytes: Buffer, most: number): readonly number[] {
  const places: number[] = [];
  let at = beforeBreak(bytes, bytes.length);
  while (at > 0 && places.length < most) {
    const before = beforeBreak(bytes, at);
    if (before < at) at = before;
    else if (isDigit(bytes[at - 1])) places.push(--at);
    else break;
  }
  return places.toReversed();
}

/** Index before a line break that ends at `at`, with the indentation behind it, or before what may become one. */
function beforeBreak(bytes: Buffer, at: number): number {
  let before = at;
  while (before > 0 && (bytes[before - 1] === 0x20 || bytes[before - 1] === 0x09)) before--;
  if (bytes[before - 1] === NEWLINE) return bytes[before - 2] === RETURN ? before - 2 : before - 1;
  if (bytes[before - 1] === 0x6e && bytes[before - 2] === BACKSLASH) return before - 2;
  /* The first half of a break, at the very end. */
  if (at === bytes.length && (bytes[at - 1] === RETURN || bytes[at - 1] === BACKSLASH)) return at - 1;
  return at;
}

/** Letters, digits, and the four signs of base64 and its variant for URLs. */
function isDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x2d ||
    byte === 0x5f
  );
}
