import type { Bare } from './separators.ts';

/* Each part is bounded or ends where the next sequence begins, so that the time grows with the length of the text alone. */
/** A letter, which may be several bytes. */
const LETTER = String.raw`[^\x00-\x1f\x80-\xbf][\x80-\xbf]{0,3}`;
/** Colours, the end of a line, the cursor; U+009B in one byte stands behind no other byte of a letter. */
const CSI_BEGIN = String.raw`(?:\x1b\[|(?:\xc2|(?<![\x80-\xff]))\x9b)[0-?]*[ -/]*`;
/** Links and titles. */
const STRING_BEGIN = String.raw`(?:\x1b[\]PX^_]|\xc2[\x90\x98\x9d-\x9f])(?:[^\x00-\x1f\xc2]|\xc2(?![\x90\x98\x9b-\x9f]))*`;
const SHORT = String.raw`\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\\x60a-~])\x0f?`;

/** As JSON, programming languages and `cat -v` write them. */
const ESCAPE = String.raw`(?:\\{1,8}(?:u001b|u\{1b\}|x1b|0?33|27|e(?:sc)?)|\^\[)`;
const ONE_CSI = String.raw`(?:\\{1,8}(?:u009b|u\{9b\}|(?:xc2\\{1,8})?x9b|(?:302\\{1,8})?233)|M-BM-\^\[)`;
const WRITTEN_CSI_BEGIN = String.raw`(?:${ESCAPE}\[|${ONE_CSI})[0-?]*[ -/]*`;
const WRITTEN_STRING_BEGIN = String.raw`${ESCAPE}\][^\x00-\x1f\\^]*`;
const BELL = String.raw`(?:\\{1,8}(?:u0007|u\{7\}|x0?7|0{0,2}7|a)|\^G)`;
const BACKSPACE = String.raw`(?:\\{1,8}(?:b|u0008|u\{8\}|x0?8|0?10)|\^H)`;
/** Most texts, also with backslashes, have none of these. */
const WRITTEN_SIGN = /\\(?:u00(?:1b|9b|08)|u\{(?:1b|9b|8)\}|x(?:1b|9b|0?8)|0?33|27|e|233|b|0?10)|\^[[H]/i;
/** The beginning of what is written so. */
const CODE_BEGUN = String.raw`u(?:0{0,2}[019]?|001b|\{[189]?b?\}?)|x(?:[09]|1b?|c2?(?:\\{1,8}(?:x9?)?)?)?|0?3{0,2}|0?1|27?|302?(?:\\{1,8}(?:23?)?)?|e(?:sc?)?`;
const BEGUN = String.raw`(?:\\{1,8}(?:${CODE_BEGUN})?|(?:M-?B?M?-?)?\^?\[?)`;

/** What may stand within a secret and hide it: sequences that a terminal obeys, and letters that a backspace strikes out. */
interface Kind {
  /** A text that is refused here holds no sequences of this kind. */
  mayHold(all: Buffer): boolean;
  readonly sequences: RegExp;
  /** Looked for before `struck`, which takes longer. */
  readonly backspace: RegExp;
  readonly struck: RegExp;
  /** A sequence that the end of a text cuts short. */
  readonly begun: RegExp;
}

const BACKSLASH = 0x5c;
const CARET = 0x5e;
const BACKSPACE_BYTE = 0x08;
const LEAD_BYTE = 0xc2;
const REAL_SIGNS = [0x1b, BACKSPACE_BYTE, 0x9b, 0x9d];
/** U+0090, U+0098, U+009E and U+009F begin texts too, and their second bytes alone are in many letters. */
const TEXT_BEGINS = [0x90, 0x98, 0x9e, 0x9f].map((byte) => Buffer.from([LEAD_BYTE, byte]));
/** One of these bytes is in all that hides a secret in such a way. */
export const SEQUENCE_SIGNS: readonly number[] = [...REAL_SIGNS, LEAD_BYTE, BACKSLASH, CARET];
const KINDS: readonly Kind[] = [
  {
    mayHold: (all) => [...REAL_SIGNS, ...TEXT_BEGINS].some((sign) => all.includes(sign)),
    sequences: anyOf('g', `${CSI_BEGIN}[@-~]\\x0f?`, String.raw`${STRING_BEGIN}(?:\x07|\x1b\\|\xc2\x9c)`, SHORT),
    backspace: anyOf('', String.raw`\x08`),
    struck: anyOf('g', String.raw`${LETTER}\x08`),
    begun: anyOf('', `${CSI_BEGIN}$`, String.raw`${STRING_BEGIN}[\x1b\xc2]?$`),
  },
  {
    mayHold: (all) => (all.includes(BACKSLASH) || all.includes(CARET)) && WRITTEN_SIGN.test(all.toString('latin1')),
    sequences: anyOf('gi', `${WRITTEN_CSI_BEGIN}[@-~]`, `${WRITTEN_STRING_BEGIN}(?:${BELL}|${ESCAPE}\\\\{1,16})`),
    backspace: anyOf('i', BACKSPACE),
    struck: anyOf('gi', String.raw`(?:\\{1,8}["'/]|${LETTER})${BACKSPACE}`),
    begun: anyOf('i', `${WRITTEN_CSI_BEGIN}$`, `${WRITTEN_STRING_BEGIN}${BEGUN}$`),
  },
];
/** The few bytes at an end that may begin a sequence. */
const SHORT_BEGUN = anyOf('i', String.raw`(?:\x1b[ -/]*|\xc2|${BEGUN})$`);
const LAST_LETTER = anyOf('', `${LETTER}$`);
/** A sequence that is cut short may have so many bytes, and so many where nothing before them tells of sequences. */
const MOST_BEGUN = 4096;
const MOST_SHORT = 24;
/** So many backspaces in a row strike out as many letters. */
const MOST_IN_A_ROW = 3;

function anyOf(flags: string, ...parts: readonly string[]): RegExp {
  return new RegExp(parts.join('|'), flags);
}

/**
 * The text without its control sequences, and without those that are written as escapes: of the two, those that differ
 * from the text. `isOpen`: more will come. Of a text that has no sign of them only the end is looked at, which may be a part
 * of something that is no longer than `longest`, and of a letter that the next byte strikes out.
 */
export function withoutSequences(all: Buffer, isOpen: boolean, longest: number): readonly Bare[] {
  const rests = KINDS.filter(({ mayHold }) => mayHold(all)).flatMap((kind) => withoutKind(all, kind, isOpen));
  if (!isOpen) return rests;
  const whole: Bare = { bytes: all, placeAt: (index) => index };
  return [...rests, ...[whole, ...rests].flatMap((rest) => endOnly(rest, longest))];
}

/** Without sequences, and, where letters are struck out, without these too: a secret may hold what strikes them out. */
function withoutKind(all: Buffer, { sequences, backspace, struck, begun }: Kind, isOpen: boolean): readonly Bare[] {
  const text = all.toString('latin1');
  const rests: Bare[] = [];
  const take = (whole: string, patterns: readonly RegExp[]): void => {
    const left = isOpen ? whole.slice(0, placeOf(begun, whole, MOST_BEGUN)) : whole;
    if (left.length < text.length)
      rests.push({ bytes: Buffer.from(left, 'latin1'), placeAt: placesOf(text, left, patterns) });
  };
  let whole = text.replace(sequences, '');
  take(whole, [sequences]);
  if (whole.search(backspace) < 0) return rests;
  const patterns = [sequences];
  for (let row = 0; row < MOST_IN_A_ROW && whole.search(backspace) >= 0; row++) {
    patterns.push(struck);
    whole = whole.replace(struck, '');
  }
  take(whole, patterns);
  return rests;
}

/** The last bytes but those that may begin a sequence, and without the letter before them, which may be struck out. */
function endOnly({ bytes, placeAt }: Bare, longest: number): readonly Bare[] {
  const from = Math.max(0, bytes.length - longest - MOST_SHORT);
  const text = bytes.toString('latin1', from);
  const end = placeOf(SHORT_BEGUN, text, MOST_SHORT) ?? text.length;
  const letter = placeOf(LAST_LETTER, text.slice(0, end), MOST_SHORT) ?? end;
  const ends = [...new Set([end, letter])].filter((one) => one < text.length);
  return ends.map((one) => ({ bytes: bytes.subarray(from, from + one), placeAt: (index) => placeAt(from + index) }));
}

/** Where a pattern stands among the last characters of a text. */
function placeOf(pattern: RegExp, text: string, most: number): number | undefined {
  const place = text.slice(-most).search(pattern);
  return place < 0 ? undefined : Math.max(0, text.length - most) + place;
}

/** Near the end a place is found without a table of all of them: no sequence goes on in another line. */
const NEAR = 4096;

/** Finds the place of a byte of `left`. Few texts ask: those with a secret, or with the beginning of one at the end. */
function placesOf(text: string, left: string, patterns: readonly RegExp[]): (index: number) => number {
  let known: { readonly from: number; readonly place: number; readonly table: Uint32Array } | undefined;
  return (index) => {
    if (!known || index < known.from) {
      const { from, place } = left.length - index > NEAR ? { from: 0, place: 0 } : lineOf(index, left, text);
      known = { from, place, table: tableOf(text.slice(place), patterns) };
    }
    return known.place + (known.table[index - known.from] as number);
  };
}

/** Where the line of a byte of `left` begins there, and in the text. */
function lineOf(index: number, left: string, text: string): { readonly from: number; readonly place: number } {
  let [from, place] = [left.length, text.length];
  while (from > index) [from, place] = [left.lastIndexOf('\n', from - 1), text.lastIndexOf('\n', place - 1)];
  return { from: from + 1, place: place + 1 };
}

function tableOf(text: string, patterns: readonly RegExp[]): Uint32Array {
  let rest = text;
  let places = new Uint32Array(text.length);
  for (let at = 0; at < places.length; at++) places[at] = at;
  for (const pattern of patterns) {
    let count = 0;
    let from = 0;
    for (const { index, 0: sequence } of [...rest.matchAll(pattern), { index: rest.length, 0: '' }]) {
      places.copyWithin(count, from, index);
      count += index - from;
      from = index + sequence.length;
    }
    places = places.subarray(0, count);
    rest = rest.replace(pattern, '');
  }
  return places;
}
