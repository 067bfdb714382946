/** The most values, members of objects and lists included, that one value from outside may have. */
export const MOST_VALUES = 100_000;

/**
 * The most different texts, names of members included, that one value from outside may have: making a text takes about
 * a microsecond, and nothing else has a turn meanwhile.
 */
const MOST_TEXTS = 20_000;

/** What carries a value, with an envelope around it, may have so many times as many values and texts. */
export const CARRIER = 1.75;

/** Texts of fewer characters than this cannot have too many values or texts. */
const SMALL_TEXT = 100_000;

/** Longer texts count as different, without being looked at. */
const LONGEST_COMPARED = 64;
const SLOTS = 65_536;

/** A count of the values and of the different texts of a value that is being read. */
export interface Census {
  value(): void;
  /** Counts the text that lies between two places of the whole. */
  text(whole: string, from: number, to: number): void;
  /** The sentence for too many values or texts, as soon as there are. */
  flaw(): string | undefined;
}

/**
 * Begins a count for a text of that many characters; undefined if so few need none. Texts are told apart by a hash that
 * is another one each time, so that nobody can make texts that count as one.
 */
export function beginCensus(characters: number, room = 1): Census | undefined {
  if (characters < SMALL_TEXT) return undefined;
  const seen = new Uint32Array(SLOTS);
  const seed = Math.trunc(Math.random() * 2 ** 32);
  const factor = Math.trunc(Math.random() * 2 ** 31) * 2 + 1;
  let values = 1;
  let texts = 0;
  return {
    value: () => void values++,
    text: (whole, from, to) => {
      if (to - from > LONGEST_COMPARED) {
        texts++;
        return;
      }
      let hash = seed;
      for (let at = from; at < to; at++) {
        hash = Math.imul(hash ^ whole.charCodeAt(at), factor);
        hash ^= hash >>> 15; /* two hashes never become one here */
      }
      const slot = hash & (SLOTS - 1);
      if (seen[slot] === hash >>> 0) return;
      seen[slot] = hash;
      texts++;
    },
    flaw: () => flawOf(values / room, texts / room),
  };
}

/** The sentence for a value, read already, that has too many values or texts. */
export function tooMany(value: unknown): string | undefined {
  const texts = new Set<string>();
  const waiting: unknown[] = [value];
  for (let values = 1; waiting.length > 0; values++) {
    const one = waiting.pop();
    if (typeof one === 'string') texts.add(one);
    for (const member of membersOf(one, texts)) waiting.push(member);
    const flaw = flawOf(Math.max(values, waiting.length), texts.size);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** The members of a list or an object, whose names are added to `texts`. */
function membersOf(value: unknown, texts: Set<string>): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value;
  for (const name of Object.keys(value)) texts.add(name);
  return Object.values(value);
}

function flawOf(values: number, texts: number): string | undefined {
  if (texts > MOST_TEXTS) return `it has more than ${MOST_TEXTS} different names and texts`;
  return values > MOST_VALUES ? `it has more than ${MOST_VALUES} values` : undefined;
}
