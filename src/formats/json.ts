import { messageOf } from '#domain/errors.ts';
import { exactNumber } from '#domain/exact-number.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { DEEPEST, TOO_DEEP } from './depth.ts';
import { describeInexact, isKeptExactly } from './numbers.ts';

/**
 * Reads JSON that comes from outside. Refuses, with a sentence, what is nested deeper than `DEEPEST` levels and numbers
 * that reading would change. Costs one pass over the text besides the parser's.
 */
export function parseJson(text: string): Result<unknown, string> {
  const flaw = flawOfJson(text);
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
  if (!MAY_BE_INEXACT.test(text)) return JSON.parse(text);
  const keep = (_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
    typeof value === 'number' && source !== undefined && !isKeptExactly(source) ? exactNumber(source) : value;
  return JSON.parse(text, keep);
}

/** Reads JSON in UTF-8 bytes, as `parseJson` does. */
export function parseJsonBytes(bytes: Uint8Array): Result<unknown, string> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return failure('not UTF-8');
  }
  return parseJson(text);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `Z`: brackets and braces come after it. */
const LAST_LETTER = 0x5a;

/** A cheap first look: texts without long digits and exponents have no number that reading would change. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/;
/** Levels of nesting that a character opens or closes. */
const NESTING: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/**
 * Finds a flaw of JSON that must not be handed to a parser, because it is nested too deeply or reading would change a
 * number of it, and says it in a sentence; undefined if there is no such flaw. Text that is no JSON at all is left to
 * the parser.
 */
export function flawOfJson(text: string): string | undefined {
  if (depthOf(text) > DEEPEST) return TOO_DEEP;
  const inexact = MAY_BE_INEXACT.test(text) ? findInexact(text) : undefined;
  return inexact === undefined ? undefined : describeInexact(inexact);
}

/** Levels of nesting; counts no further than one more than are allowed. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length && deepest <= DEEPEST; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (code > LAST_LETTER) {
      depth += NESTING[text[at] ?? ''] ?? 0;
      deepest = Math.max(deepest, depth);
    }
  }
  return deepest;
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
function endOfString(text: string, from: number): number {
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
