/** The sentences for characters that no database keeps. */
const ZERO = 'a text has the character \\u0000, which cannot be stored';
const HALF = 'a text has half of a pair of surrogates, which is no character and cannot be stored';

/** A cheap first look: JSON without these has none of such characters. */
const MAY_BE_LOST = /\\u(?:0000|[dD][89a-fA-F])/;
/** Escapes of JSON: a backslash, a whole pair, one of its halves, and others. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|.)/gs;

/** Says in a sentence which character of a JSON text would be changed when it is stored; undefined if there is none. */
export function lostCharacter(json: string): string | undefined {
  if (!MAY_BE_LOST.test(json)) return undefined;
  for (const [sequence] of json.matchAll(ESCAPE)) {
    if (sequence === '\\u0000') return ZERO;
    if (sequence.length === 6 && /^\\ud[89a-f]/i.test(sequence)) return HALF;
  }
  return undefined;
}

/** Says the same of a text that has been read. */
export function lostCharacterOf(text: string): string | undefined {
  if (text.includes('\0')) return ZERO;
  return text.isWellFormed() ? undefined : HALF;
}
