/** A text without some of its bytes. */
export interface Rest {
  readonly bytes: Buffer;
  /** The index in the whole text of the byte at an index. */
  placeAt(index: number): number;
}

const ESCAPE = 0x1b;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
/** What stands behind the backslash or the sign of `cat -v` where a control sequence may begin. */
const SECONDS = new Set(Buffer.from('uUxX03eE\\['));

/* Each part is bounded or ends where the next sequence begins, so that the time grows with the length of the text alone. */
/** Colours, the end of a line, the cursor. */
const CSI = String.raw`\[[0-?]*[ -/]*[@-~]\x0f?`;
const CHARACTER_SET = String.raw`[ -/]+[0-~]\x0f?`;
/** Links and titles. */
const OSC = String.raw`\][^\x00-\x1f]*(?:\x07|\x1b\\)`;
const REAL = String.raw`\x1b(?:${CSI}|${CHARACTER_SET}|${OSC})`;
const REAL_BEGUN = String.raw`\x1b(?:\[[0-?]*[ -/]*|[ -/]*|\][^\x00-\x1f]*\x1b?)$`;
/** As JSON, programming languages and `cat -v` write them. */
const WRITTEN = String.raw`(?:\\{1,8}(?:u001b|x1b|0?33|e)|\^\[)${CSI}`;
const WRITTEN_BEGUN = String.raw`(?:(?:\\{1,8}(?:u001b|x1b|0?33|e)|\^\[)(?:\[[0-?]*[ -/]*)?|\\{1,8}(?:u0{0,2}1?|x1?|0?3?)|\^)$`;

interface Kind {
  mayBegin(all: Buffer): boolean;
  readonly whole: RegExp;
  /** Also those that the end of the text cuts short. */
  readonly open: RegExp;
}

const KINDS: readonly Kind[] = [
  { mayBegin: (all) => all.includes(ESCAPE), ...patternsOf(REAL, REAL_BEGUN) },
  { mayBegin: mayBeWritten, ...patternsOf(WRITTEN, WRITTEN_BEGUN) },
];

function patternsOf(whole: string, begun: string): Pick<Kind, 'whole' | 'open'> {
  return { whole: new RegExp(whole, 'gi'), open: new RegExp(`${whole}|${begun}`, 'gi') };
}

/**
 * The text without its control sequences, and without those that are written as escapes: of the two, those that differ
 * from the text. `isOpen`: more will come. A text without what they begin with is not looked through.
 */
export function withoutSequences(all: Buffer, isOpen: boolean): readonly Rest[] {
  return KINDS.filter(({ mayBegin }) => mayBegin(all)).flatMap(({ whole, open }) => {
    const sequences = [...all.toString('latin1').matchAll(isOpen ? open : whole)];
    return sequences.length > 0 ? [restOf(all, sequences)] : [];
  });
}

function restOf(all: Buffer, sequences: readonly RegExpMatchArray[]): Rest {
  const bytes = Buffer.allocUnsafeSlow(all.length);
  const places = new Uint32Array(all.length);
  let count = 0;
  let from = 0;
  const keepUntil = (end: number): void => {
    bytes.set(all.subarray(from, end), count);
    while (from < end) places[count++] = from++;
  };
  for (const { index = 0, 0: sequence } of sequences) {
    keepUntil(index);
    from = index + sequence.length;
  }
  keepUntil(all.length);
  return { bytes: bytes.subarray(0, count), placeAt: (index) => places[index] as number };
}

/** Whether a control sequence may be written somewhere as an escape; most texts, also with backslashes, have none. */
function mayBeWritten(all: Buffer): boolean {
  if (!(all.includes(BACKSLASH) || all.includes(CARET))) return false;
  for (let at = 0; at < all.length; at++) {
    const byte = all[at];
    if (byte !== BACKSLASH && byte !== CARET) continue;
    const next = all[at + 1];
    if (next === undefined || SECONDS.has(next)) return true;
  }
  return false;
}
