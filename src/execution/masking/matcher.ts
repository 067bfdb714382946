import { type ByteTexts, noTexts } from './byte-texts.ts';

/** A matcher, which finds the leftmost and longest of many patterns, all of latin1, in bytes. */
export interface Matcher {
  /** Bytes of its longest pattern. */
  readonly longest: number;
  /**
   * The first match that begins at `from` or behind it. `isOpen`: more bytes will follow, so that a pattern that the end
   * cuts short may still match; then `hold` says from where on nothing is known yet. `pause` says that the search has
   * taken some milliseconds, and where it goes on.
   */
  find(bytes: Uint8Array, from: number, isOpen: boolean): Match | Hold | Pause | undefined;
  has(pattern: string): boolean;
  /** A matcher that knows more patterns besides. */
  with(patterns: readonly string[]): Matcher;
  /** Makes a copy of the matcher: texts that are added to the copy are not added to this matcher. */
  apart(): Matcher;
}

interface Match {
  readonly kind: 'match';
  readonly start: number;
  readonly end: number;
}

interface Hold {
  readonly kind: 'hold';
  readonly start: number;
}

interface Pause {
  readonly kind: 'pause';
  readonly start: number;
}

/** Bytes of patterns that are compared before a pause, which takes some milliseconds. */
const COMPARED_AT_ONCE = 100_000;

/** Bytes of the blocks by which the search steps. */
const BLOCK = 2;
/** A longer window would save little, and cost much each time that a shorter pattern is added to many. */
const LONGEST_WINDOW = 16;

/**
 * Makes a matcher by Wu and Manber's search ("A fast algorithm for multi-pattern searching", 1994) with blocks of two
 * bytes: it looks at the end of a window as long as the shortest pattern, and steps as far as no pattern can have that
 * block. Where a pattern may begin, it goes through the sorted patterns byte by byte, so that the time does not grow
 * with the number of patterns that begin alike.
 */
export function createMatcher(patterns: readonly string[]): Matcher {
  return matcherWith(noTexts(), patterns);
}

/** What is known of the patterns of a matcher; of many, most of it stays as it is when some are added. */
interface Tables {
  readonly window: number;
  readonly longest: number;
  readonly steps: Uint8Array;
  /** For each first byte the index of the first pattern that begins with it or with a later one. */
  readonly starts: Uint32Array;
}

/** Patterns that are added to those of the tables. */
interface Added {
  readonly more: readonly string[];
  readonly before: Tables | undefined;
}

function tablesOf(patterns: ByteTexts, { more, before }: Added): Tables {
  const window = more.reduce((least, one) => Math.min(least, one.length), before?.window ?? LONGEST_WINDOW);
  const longest = more.reduce((most, one) => Math.max(most, one.length), before?.longest ?? 0);
  const isSame = before?.window === window;
  const steps = isSame ? before.steps.slice() : new Uint8Array(65_536).fill(Math.max(window - BLOCK + 1, 1));
  if (isSame) for (const text of more) lowerSteps(steps, window, (at) => text.charCodeAt(at));
  else for (let n = 0; n < patterns.count; n++) lowerSteps(steps, window, (at) => patterns.byteAt(n, at));
  return { window, longest, steps, starts: startsOf(more, before?.starts) };
}

function matcherWith(known: ByteTexts, more: readonly string[], before?: Tables): Matcher {
  const patterns = known.with(more);
  return matcherOf(patterns, tablesOf(patterns, { more, before }));
}

function matcherOf(patterns: ByteTexts, tables: Tables): Matcher {
  const { window, longest, steps, starts } = tables;
  const compared = { bytes: 0 }; /* since the last pause, by whatever number of searches */
  /* Where a pattern may begin whose first bytes are all here; a number: from there on fewer are here. */
  const findWhole = (place: Place, from: number): Match | Hold | Pause | number => {
    const { bytes } = place;
    const last = bytes.length - window;
    let at = from;
    while (at <= last) {
      const step = steps[((bytes[at + window - 2] as number) << 8) | (bytes[at + window - 1] as number)] as number;
      if (step > 0) {
        at += step;
        continue;
      }
      if (compared.bytes > COMPARED_AT_ONCE) {
        compared.bytes = 0;
        return { kind: 'pause', start: at };
      }
      place.at = at;
      const found = longestAt(patterns, starts, place);
      if (found) return found;
      at++;
    }
    return at;
  };
  return {
    longest,
    has: patterns.has,
    with: (more) => matcherWith(patterns, more, tables),
    apart: () => matcherOf(patterns.apart(), tables),
    find: (bytes, from, isOpen) => {
      if (patterns.count === 0) return undefined;
      const place = { bytes, at: from, isOpen, compared };
      const found = findWhole(place, from);
      if (typeof found !== 'number') return found;
      for (let at = found; isOpen && at < bytes.length; at++) {
        place.at = at;
        const begun = longestAt(patterns, starts, place);
        if (begun) return begun;
      }
      return undefined;
    },
  };
}

/** For each block of two bytes how far the window may go on: no further than the pattern with these bytes allows. */
function lowerSteps(steps: Uint8Array, window: number, byteAt: (at: number) => number): void {
  for (let end = BLOCK; end <= window; end++) {
    const block = (byteAt(end - 2) << 8) | byteAt(end - 1);
    steps[block] = Math.min(steps[block] as number, window - end);
  }
}

function startsOf(more: readonly string[], before: Uint32Array = new Uint32Array(257)): Uint32Array {
  const counts = new Uint32Array(257);
  for (const pattern of more) (counts[pattern.charCodeAt(0) + 1] as number)++;
  let sum = 0;
  return before.map((start, byte) => {
    sum += counts[byte] as number;
    return start + sum;
  });
}

interface Place {
  readonly bytes: Uint8Array;
  at: number;
  readonly isOpen: boolean;
  /** Counts the bytes of patterns that were compared. */
  readonly compared: { bytes: number };
}

/** The longest pattern that stands at a place, by narrowing the range of those that share all bytes so far. */
function longestAt(
  patterns: ByteTexts,
  starts: Uint32Array,
  { bytes, at, isOpen, compared }: Place,
): Match | Hold | undefined {
  const first = bytes[at] as number;
  const range = { from: starts[first] as number, to: starts[first + 1] as number };
  let end = 0;
  for (let depth = 1; range.from < range.to; depth++) {
    if (patterns.lengthAt(range.from) === depth) {
      end = at + depth;
      range.from++;
    }
    if (range.from < range.to && at + depth >= bytes.length)
      return isOpen ? { kind: 'hold', start: at } : match(at, end);
    compared.bytes++;
    narrow(patterns, range, { depth, byte: bytes[at + depth] as number });
  }
  return match(at, end);
}

function match(start: number, end: number): Match | undefined {
  return end === 0 ? undefined : { kind: 'match', start, end };
}

interface Range {
  from: number;
  to: number;
}

/** Leaves of a range of patterns those that have this byte at that depth. All of them are longer. */
function narrow(
  patterns: ByteTexts,
  range: Range,
  { depth, byte }: { readonly depth: number; readonly byte: number },
): void {
  if (range.from < range.to && patterns.byteAt(range.from, depth) < byte)
    range.from = firstNotBelow(patterns, range, { depth, byte });
  if (range.from < range.to && patterns.byteAt(range.to - 1, depth) > byte)
    range.to = firstNotBelow(patterns, range, { depth, byte: byte + 1 });
}

/** The first pattern of a range whose byte at `depth` is not below `byte`. */
function firstNotBelow(
  patterns: ByteTexts,
  range: Range,
  { depth, byte }: { readonly depth: number; readonly byte: number },
): number {
  let low = range.from;
  let high = range.to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (patterns.byteAt(middle, depth) < byte) low = middle + 1;
    else high = middle;
  }
  return low;
}
