import { messageOf } from '#domain/errors.ts';
import { exactNumber } from '#domain/exact-number.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { DEEPEST, TOO_DEEP } from './depth.ts';
import { describeInexact, isKeptExactly } from './numbers.ts';
import { beginCensus } from './size.ts';

/**
 * Reads JSON that comes from outside. Refuses, with a sentence, what `flawOfJson` finds. Costs one pass over the text
 * besides the parser's.
 */
export function parseJson(text: string, room = 1): Result<unknown, string> {
  const flaw = flawOfJson(text, room);
  if (flaw !== undefined) return failure(flaw);
  try {
    return success(JSON.parse(text));
  } catch (error) {
    return failure(describeSyntax(text, error));
  }
}

/**
 * Reads JSON that has been accepted before: by a database, or by a server that answers. Numbers that reading would change
 * become exact numbers, which are written again as they were. Throws for what is no JSON.
 */
export function parseStoredJson(text: string): unknown {
  if (!MAY_BE_INEXACT.test(text) || findInexact(text) === undefined) return JSON.parse(text);
  const keep = (_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
    typeof value === 'number' && source !== undefined && !isKeptExactly(source) ? exactNumber(source) : value;
  return JSON.parse(text, keep);
}

/** Reads JSON in UTF-8 bytes, as `parseJson` does. */
export function parseJsonBytes(bytes: Uint8Array, room = 1): Result<unknown, string> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return failure('not UTF-8');
  }
  return parseJson(text, room);
}

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** A cheap first look: texts without long digits and exponents have no number that reading would change. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/;
/** The characters that make the shape of JSON, with the levels that each opens: `{`, `[`, `}`, `]`, the comma, the quote. */
const LEVELS: Readonly<Record<number, number>> = { 123: 1, 91: 1, 125: -1, 93: -1, 44: 0, [QUOTE]: 0 };
const NO_MARK = 2;
const MARKS = Int8Array.from({ length: 128 }, (_, code) => LEVELS[code] ?? NO_MARK);

/**
 * Finds a flaw of JSON that must not be handed to a parser, and says it in a sentence: it is nested too deeply, has so many
 * values or texts that reading it would take long, or a number that reading would change; undefined if there is no such
 * flaw. `room`: so many times as many values and texts are allowed. Text that is no JSON at all is left to the parser.
 */
export function flawOfJson(text: string, room = 1): string | undefined {
  const flaw = flawOfShape(text, room);
  if (flaw !== undefined) return flaw;
  const inexact = MAY_BE_INEXACT.test(text) ? findInexact(text) : undefined;
  return inexact === undefined ? undefined : describeInexact(inexact);
}

/** Finds the flaws of `flawOfJson` but numbers, in any number of JSON values; looks no further than to the first. */
export function flawOfShape(text: string, room = 1): string | undefined {
  const census = beginCensus(text.length, room);
  let depth = 0;
  for (let at = nextMark(text, 0); at < text.length; at = nextMark(text, at + 1)) {
    if (text.charCodeAt(at) === QUOTE) {
      const end = endOfString(text, at + 1);
      census?.text(text, at + 1, end);
      at = end;
    } else {
      const step = nestingAt(text, at);
      depth += step;
      if (depth > DEEPEST) return TOO_DEEP;
      if (step >= 0) census?.value(); /* a comma, or a bracket that opens */
    }
    const flaw = census?.flaw();
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

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

/** The first number literal outside of strings that reading would change. */
function findInexact(text: string): string | undefined {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (isDigit(code)) {
      const end = endOfNumber(text, at);
      const literal = text.slice(text[at - 1] === '-' ? at - 1 : at, end);
      if (!isKeptExactly(literal)) return literal;
      at = end;
    }
  }
  return undefined;
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

/** Index after the last character of the number literal that begins at `from`. */
function endOfNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && isOfNumber(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isOfNumber(code: number): boolean {
  /* . e E + - */
  return isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;
}

/** Names the literals that other languages print and JSON lacks; otherwise what the parser says. */
function describeSyntax(text: string, error: unknown): string {
  const literal = /(?<![\w"])-?(?:NaN|Infinity|None|True|False|undefined)\b/.exec(text.slice(0, 65_536))?.[0];
  const said = messageOf(error);
  return literal === undefined ? said : `${literal} is not a value of JSON`;
}
