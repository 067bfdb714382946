/**
 * A sorted list of texts of latin1. Their bytes are in one piece of memory, since so many objects that live would keep
 * the collector of garbage busy.
 */
export interface ByteTexts {
  readonly count: number;
  /** The bytes of a text at its place in the order. */
  lengthAt(place: number): number;
  /** A byte of a text that is longer than `depth`. */
  byteAt(place: number, depth: number): number;
  has(text: string): boolean;
  /** A list that has more texts besides. */
  with(texts: readonly string[]): ByteTexts;
  /** Makes a copy of the list of byte texts: what is added to the copy is not added to this list. */
  apart(): ByteTexts;
}

const FIRST_BYTES = 1024;

/** Bytes to which lists add theirs; what is there already never changes. */
interface Memory {
  bytes: Buffer;
  used: number;
}

/** Where the texts of a list begin in the memory, and end, in their order. */
interface Places {
  readonly memory: Memory;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Makes an empty list. */
export function noTexts(): ByteTexts {
  const memory = { bytes: Buffer.allocUnsafeSlow(FIRST_BYTES), used: 0 };
  return textsAt({ memory, starts: new Uint32Array(), ends: new Uint32Array() });
}

function textsAt(places: Places): ByteTexts {
  const { memory, starts, ends } = places;
  const count = starts.length;
  return {
    count,
    lengthAt: (place) => (ends[place] as number) - (starts[place] as number),
    byteAt: (place, depth) => memory.bytes[(starts[place] as number) + depth] as number,
    has: (text) => {
      const sought = { start: memory.used, end: write(memory, text) };
      const place = firstAbove(places, sought) - 1;
      return place >= 0 && compare(places, place, sought) === 0;
    },
    with: (texts) => textsAt(added(places, texts.toSorted())),
    apart: () => textsAt({ ...places, memory: copyOf(memory) }),
  };
}

function copyOf({ bytes, used }: Memory): Memory {
  const copy = Buffer.allocUnsafeSlow(used + FIRST_BYTES);
  bytes.copy(copy, 0, 0, used);
  return { bytes: copy, used };
}

/** Writes sorted texts to the memory, and puts them into their places. */
function added(before: Places, texts: readonly string[]): Places {
  const { memory } = before;
  const starts = new Uint32Array(before.starts.length + texts.length);
  const ends = new Uint32Array(starts.length);
  let done = 0;
  for (const [index, text] of texts.entries()) {
    const start = memory.used;
    memory.used = write(memory, text);
    const place = firstAbove(before, { start, end: memory.used }, done);
    starts.set(before.starts.subarray(done, place), done + index);
    ends.set(before.ends.subarray(done, place), done + index);
    starts[place + index] = start;
    ends[place + index] = memory.used;
    done = place;
  }
  starts.set(before.starts.subarray(done), done + texts.length);
  ends.set(before.ends.subarray(done), done + texts.length);
  return { memory, starts, ends };
}

/** Writes a text behind what is used of the memory, and returns its end. */
function write(memory: Memory, text: string): number {
  const end = memory.used + text.length;
  if (end > memory.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(2 * end);
    memory.bytes.copy(larger, 0, 0, memory.used);
    memory.bytes = larger;
  }
  memory.bytes.write(text, memory.used, 'latin1');
  return end;
}

/** Where a text is in the memory. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The place of the first text, from `from` on, that comes behind another one. */
function firstAbove(places: Places, other: Range, from = 0): number {
  let low = from;
  let high = places.starts.length;
  while (low < high) {
    const place = (low + high) >>> 1;
    if (compare(places, place, other) <= 0) low = place + 1;
    else high = place;
  }
  return low;
}

/** Below 0 if the text at a place comes before another one, 0 if it is the same. */
function compare({ memory: { bytes }, starts, ends }: Places, place: number, { start, end }: Range): number {
  return bytes.compare(bytes, start, end, starts[place], ends[place]);
}
