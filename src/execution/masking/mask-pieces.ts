import { maskBytes, noRemainder, type Remainder } from './mask-bytes.ts';
import type { Matcher } from './matcher.ts';
import type { WrappedMasker } from './wrapped.ts';

/** What is looked for in bytes; both may grow. */
export interface Patterns {
  /** Finds the spellings of secrets that stand in one piece. */
  matcher(): Matcher;
  /** Finds the spellings of secrets that line breaks or escapes divide. */
  wrapped(): WrappedMasker;
}

const nothing = new Uint8Array();
/** Steps of a search, bytes times bytes of a pattern, that take a few milliseconds at worst. */
const STEPS_AT_ONCE = 8_000_000;
const LEAST_PIECE = 4 * 1024;
/** The most bytes that are masked at once: letters struck out with backspaces take some ten milliseconds for so many. */
const MOST_PIECE = 64 * 1024;

/** Work on bytes that yields whenever others should have their turn, and returns what may be shown. */
export type Showing = Generator<undefined, readonly Uint8Array[]>;

/** Takes the next bytes of a stream; `isOpen`: more will come. */
export function openPieces(patterns: Patterns): (bytes: Uint8Array, isOpen: boolean) => Showing {
  let divided: Uint8Array = nothing;
  let held: Remainder = noRemainder;
  return function* (bytes, isOpen) {
    const shown: Uint8Array[] = [];
    const unwrapped = yield* patterns
      .wrapped()
      .mask({ bytes: joined(divided, bytes), isOpen, plain: patterns.matcher() });
    divided = new Uint8Array(unwrapped.held);
    const all = { bytes: joined(held.bytes, ...unwrapped.shown), masked: held.masked, isOpen };
    held = yield* maskBytes(patterns.matcher(), all, shown);
    return shown;
  };
}

/** Does all of the work at once. */
export function atOnce<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does the work with turns for others in between. */
export async function inTurns(work: Showing, turn: () => Promise<void> | undefined): Promise<readonly Uint8Array[]> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await turn();
  }
}

/** Divides bytes so that none of the pieces takes long, however much the patterns are like them. */
export function* piecesOf(bytes: Uint8Array, { matcher }: Patterns): Generator<Uint8Array> {
  const size = Math.min(MOST_PIECE, Math.max(LEAST_PIECE, Math.floor(STEPS_AT_ONCE / Math.max(1, matcher().longest))));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Joins all parts to one piece, without a copy where only one has bytes. */
function joined(...parts: readonly Uint8Array[]): Buffer {
  const [first = nothing, ...others] = parts.filter((part) => part.length > 0);
  return others.length > 0
    ? Buffer.concat([first, ...others])
    : Buffer.from(first.buffer, first.byteOffset, first.length);
}
