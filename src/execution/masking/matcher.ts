/** A matcher, which finds the leftmost and longest of many patterns, all of latin1, in bytes. */
export interface Matcher {
  /**
   * The first match that begins at `from` or behind it. `isOpen`: more bytes will follow, so that a pattern that the end
   * cuts short may still match; then `hold` says from where on nothing is known yet.
   */
  find(bytes: Uint8Array, from: number, isOpen: boolean): Match | Hold | undefined;
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

/** Bytes of the blocks by which the search steps. */
const BLOCK = 2;

/**
 * Makes a matcher by Wu and Manber's search ("A fast algorithm for multi-pattern searching", 1994) with blocks of two
 * bytes: it looks at the end of a window as long as the shortest pattern, and steps as far as no pattern can have that
 * block.
 */
export function createMatcher(patterns: readonly string[]): Matcher {
  const encoded = patterns.map((pattern) => Buffer.from(pattern, 'latin1')).toSorted((a, b) => b.length - a.length);
  const window = encoded.at(-1)?.length ?? 0;
  const steps = stepsOf(encoded, window);
  const byFirst = firstBytesOf(encoded);
  const matchAt = (bytes: Uint8Array, at: number, isOpen: boolean): Match | Hold | undefined => {
    for (const pattern of byFirst[bytes[at] ?? 0] ?? []) {
      const shared = sharedBytes(bytes, at, pattern);
      if (shared === pattern.length) return { kind: 'match', start: at, end: at + shared };
      if (isOpen && at + shared === bytes.length) return { kind: 'hold', start: at };
    }
    return undefined;
  };
  /* Where a pattern may begin whose first bytes are all here. */
  const findWhole = (bytes: Uint8Array, from: number, isOpen: boolean): Match | Hold | number => {
    const last = bytes.length - window;
    let at = from;
    while (at <= last) {
      const step = steps[((bytes[at + window - 2] as number) << 8) | (bytes[at + window - 1] as number)] as number;
      const found = step === 0 ? matchAt(bytes, at, isOpen) : undefined;
      if (found) return found;
      at += step || 1;
    }
    return at;
  };
  return {
    find: (bytes, from, isOpen) => {
      if (window === 0) return undefined;
      const found = findWhole(bytes, from, isOpen);
      if (typeof found !== 'number') return found;
      for (let at = found; isOpen && at < bytes.length; at++) {
        const begun = matchAt(bytes, at, true);
        if (begun) return begun;
      }
      return undefined;
    },
  };
}

/** For each block of two bytes how far the window may go on. */
function stepsOf(patterns: readonly Uint8Array[], window: number): Uint16Array {
  const most = Math.min(Math.max(window - BLOCK + 1, 1), 0xffff);
  const steps = new Uint16Array(65_536).fill(most);
  for (const pattern of patterns)
    for (let end = BLOCK; end <= window; end++) {
      const block = ((pattern[end - 2] as number) << 8) | (pattern[end - 1] as number);
      steps[block] = Math.min(steps[block] as number, window - end);
    }
  return steps;
}

/** Longest first. */
function firstBytesOf(patterns: readonly Uint8Array[]): readonly (readonly Uint8Array[] | undefined)[] {
  const byFirst: Uint8Array[][] = [];
  for (const pattern of patterns) {
    const first = pattern[0] as number;
    byFirst[first] ??= [];
    byFirst[first].push(pattern);
  }
  return byFirst;
}

function sharedBytes(bytes: Uint8Array, at: number, pattern: Uint8Array): number {
  const most = Math.min(pattern.length, bytes.length - at);
  let shared = 0;
  while (shared < most && bytes[at + shared] === pattern[shared]) shared++;
  return shared;
}
