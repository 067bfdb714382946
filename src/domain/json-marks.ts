export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The characters that make the shape of JSON, with the levels that each opens: `{`, `[`, `}`, `]`, the comma, the quote. */
const LEVELS: Readonly<Record<number, number>> = { 123: 1, 91: 1, 125: -1, 93: -1, 44: 0, [QUOTE]: 0 };
const NO_MARK = 2;
const MARKS = Int8Array.from({ length: 128 }, (_, code) => LEVELS[code] ?? NO_MARK);

/** Index of the next quote, bracket, brace or comma; the length of the text where there is none. */
export function nextMark(text: string, from: number): number {
  let at = from;
  while (at < text.length && levelsAt(text, at) === NO_MARK) at++;
  return at;
}

/** Levels of nesting that the character at a place opens or closes. */
export function nestingAt(text: string, at: number): number {
  const levels = levelsAt(text, at);
  return levels === NO_MARK ? 0 : levels;
}

function levelsAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < MARKS.length ? (MARKS[code] as number) : NO_MARK;
}

/** Index of the closing quote of a string whose text begins at `from`. */
export function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (before >= from && text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}
