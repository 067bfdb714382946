import { MASK } from '#domain/masks.ts';
import { SEQUENCE_SIGNS, withoutSequences } from './control-sequences.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import { type Bare, bare, bareBytes, isSeparator, mayGoOn } from './separators.ts';

/** Replaces spellings of secrets that line breaks or colours divide, or whose characters are escaped one by one. */
export interface WrappedMasker {
  /**
   * Returns what may be shown, and what must wait for more bytes, if there will be any. Yields whenever the search has
   * taken some milliseconds.
   */
  mask(sought: Sought): Generator<undefined, Unwrapped>;
  /** A masker that knows more spellings besides. */
  with(spellings: readonly string[]): WrappedMasker;
  /** Makes a copy of the masker: secrets that are added to the copy are not added to this masker. */
  apart(): WrappedMasker;
}

interface Unwrapped {
  readonly shown: readonly Uint8Array[];
  readonly held: Uint8Array;
}

/** Shorter spellings are not looked for across lines: they would be found in too much else. */
const LEAST_BYTES = 8;
/** So many bytes wait for more of a spelling, besides some times its length: separators may go on without an end. */
const MOST_HELD = 4096;
const SEPARATED = 4;
/** Separators that a spelling may begin or end with. */
const MOST_AROUND = 8;
const mask = Buffer.from(MASK);
const nothing = new Uint8Array();
/** What tells that a spelling is divided or escaped: blanks alone are in too much else. */
const SIGNS = [...'\n\\'].map((one) => one.charCodeAt(0));

/** Makes a masker of spellings, in latin1, that line breaks or escapes divide. */
export function createWrappedMasker(spellings: readonly string[]): WrappedMasker {
  return wrappedMaskerOf(createMatcher([])).with(spellings);
}

function wrappedMaskerOf(matcher: Matcher): WrappedMasker {
  const { longest } = matcher;
  return {
    *mask(sought) {
      const { bytes, isOpen } = sought;
      if (sought.plain.longest === 0) return { shown: [bytes], held: nothing };
      const { ranges, open } = yield* search(sought, matcher);
      const isTooMuch = bytes.length - open > SEPARATED * Math.max(longest, sought.plain.longest) + MOST_HELD;
      const end = isOpen && !isTooMuch ? endOfMasked(ranges, open) : bytes.length;
      const masked = ranges.filter(({ start }) => start < end);
      return { shown: withMasks(bytes.subarray(0, end), masked), held: bytes.subarray(end) };
    },
    with: (more) => {
      const texts = new Set(more.map(bare).filter((one) => one.length >= LEAST_BYTES && !matcher.has(one)));
      return texts.size === 0 ? wrappedMaskerOf(matcher) : wrappedMaskerOf(matcher.with([...texts]));
    },
    apart: () => wrappedMaskerOf(matcher.apart()),
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly isPlain?: boolean;
}

/** Bytes that are looked at; `plain` finds the spellings that stand as they are. */
interface Sought {
  readonly bytes: Buffer;
  readonly isOpen: boolean;
  readonly plain: Matcher;
}

/** The end of what begins before a place; what begins behind it may be a part of something longer. */
function endOfMasked(ranges: readonly Range[], place: number): number {
  return ranges.reduce((end, range) => (range.start < end ? Math.max(end, range.end) : end), place);
}

/** The bytes with a mask in place of each range; the ranges are in order, and may overlap. */
function withMasks(bytes: Buffer, ranges: readonly Range[]): readonly Uint8Array[] {
  const shown: Uint8Array[] = [];
  let done = 0;
  for (const { start, end } of ranges) {
    if (start > done) shown.push(bytes.subarray(done, start));
    if (end > done && start >= done) shown.push(mask);
    done = Math.max(done, end);
  }
  return done === 0 ? [bytes] : [...shown, bytes.subarray(done)];
}

/** Where divided spellings stand, from left to right, and from where on one may go on behind the end. */
function* search(sought: Sought, matcher: Matcher): Generator<undefined, Found> {
  const { bytes, plain } = sought;
  const signs = (): Signs => SIGNS.map((sign) => searchFor(bytes, sign));
  const whole = matcher.longest > 0 ? yield* searchIn({ ...sought, signs }, bareBytes(bytes), matcher) : noneIn(bytes);
  const rests = withoutSequences(bytes, sought.isOpen, Math.max(matcher.longest, plain.longest));
  if (rests.length === 0) return { ...whole, ranges: onlyDivided(whole.ranges) };
  const again = { ...sought, signs: () => [...SIGNS, ...SEQUENCE_SIGNS].map((sign) => searchFor(bytes, sign)) };
  const found = [whole];
  for (const rest of rests) {
    const bareRest = bareBytes(rest.bytes);
    const placeAt = (index: number): number => rest.placeAt(bareRest.placeAt(index));
    found.push(yield* searchIn(again, rest, plain));
    found.push(yield* searchIn(again, { bytes: bareRest.bytes, placeAt }, matcher));
  }
  const ranges = found.flatMap((one) => one.ranges).sort((a, b) => a.start - b.start || a.end - b.end);
  return { ranges: onlyDivided(ranges), open: Math.min(...found.map(({ open }) => open)) };
}

/** What was found in bytes, and from where on more bytes could tell more. */
interface Found {
  readonly ranges: readonly Range[];
  readonly open: number;
}

type Signs = readonly ((from: number) => number)[];

/** Where the patterns of a matcher stand in a text from which something was left out, within a range that has a sign. */
function* searchIn(
  { bytes, isOpen, plain, signs: signsIn }: Sought & { signs(): Signs },
  text: Bare,
  matcher: Matcher,
): Generator<undefined, Found> {
  const ranges: Range[] = [];
  const signs = signsIn();
  const take = (start: number, end: number): void => {
    if (signs.some((next) => next(start) < end))
      ranges.push({ start, end, isPlain: isPlain(bytes, { start, end }, plain) });
  };
  let found = matcher.find(text.bytes, 0, isOpen);
  while (found && found.kind !== 'hold') {
    if (found.kind === 'pause') yield;
    else take(text.placeAt(found.start), text.placeAt(found.end - 1) + 1);
    found = matcher.find(text.bytes, found.kind === 'match' ? found.start + 1 : found.start, isOpen);
  }
  const { open } = noneIn(bytes);
  return { ranges, open: found ? Math.min(open, text.placeAt(found.start)) : open };
}

function noneIn(bytes: Buffer): Found {
  return { ranges: [], open: mayGoOn(bytes) ? bytes.length - 1 : bytes.length };
}

/** Whether a spelling that stands there as it is covers a range, with the signs around it, which the next search finds. */
function isPlain(bytes: Buffer, { start, end }: Range, plain: Matcher): boolean {
  let from = start;
  while (from > 0 && start - from < MOST_AROUND && isSeparator(bytes[from - 1])) from--;
  const around = bytes.subarray(from, end + MOST_AROUND);
  let found = plain.find(around, 0, false);
  if (found?.kind === 'pause') found = plain.find(around, found.start, false);
  return found?.kind === 'match' && from + found.start <= start && from + found.end >= end;
}

/** The ranges that the search for what stands as it is would not find, and those that overlap with them. */
function onlyDivided(ranges: readonly Range[]): readonly Range[] {
  return ranges.filter((range, at) => {
    const [before, after] = [ranges[at - 1], ranges[at + 1]];
    return (
      !range.isPlain ||
      (before?.isPlain === false && before.end > range.start) ||
      (after?.isPlain === false && after.start < range.end)
    );
  });
}

/** Finds the next place of `what` from growing places on, the length of the bytes where there is none, in one pass. */
function searchFor(bytes: Buffer, what: number): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = bytes.indexOf(what, from);
    if (found < 0) found = bytes.length;
    return found;
  };
}
