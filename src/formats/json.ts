import { messageOf } from '#domain/errors.ts';
import { exactNumber } from '#domain/exact-number.ts';
import { endOfString, nestingAt, nextMark, QUOTE } from '#domain/json-marks.ts';
import { findRepeatedKey } from '#domain/repeated-keys.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { lostCharacter } from './characters.ts';
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

/** A cheap first look: texts without long digits, exponents and zeros below zero have no number that reading would change. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]|-0(?:\.0*)?(?![\d.])/;
/**
 * Finds a flaw of JSON that must not be handed to a parser, and says it in a sentence: it is nested too deeply, has so many
 * values or texts that reading it would take long, a number that reading would change, a character that cannot be stored, or a
 * key twice; undefined if there is no such flaw. `room`: so many times as many values and texts are allowed. Text that is no JSON at all is left to the parser.
 */
export function flawOfJson(text: string, room = 1): string | undefined {
  const flaw = flawOfShape(text, room);
  if (flaw !== undefined) return flaw;
  const inexact = MAY_BE_INEXACT.test(text) ? findInexact(text) : undefined;
  return inexact === undefined ? (lostCharacter(text) ?? findRepeatedKey(text)) : describeInexact(inexact);
}

/** Finds the flaws of `flawOfJson` but numbers, characters and keys, in any number of JSON values; looks no further than to the first. */
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

/** What Bun's parser says, and the words of this program for it. */
const SYNTAX: readonly (readonly [RegExp, string])[] = [
  [/^Unexpected identifier "(.*)"$/s, "'$1' is not a value of JSON"],
  [/^Un(?:recognized|expected) token '(.*)'$/s, "'$1' cannot stand where it does"],
  [/^Unexpected EOF$/, 'it ends too early'],
  [/^Unable to parse JSON string$/, 'more follows behind its value'],
  [/^Unterminated string$/, 'a text in it has no end, or a line break or tab that is not escaped'],
];

/** Names the literals that other languages print and JSON lacks; otherwise says what the parser says. */
function describeSyntax(text: string, error: unknown): string {
  const literal = /(?<![\w"])-?(?:NaN|Infinity|None|True|False|undefined)\b/.exec(text.slice(0, 65_536))?.[0];
  if (literal !== undefined) return `${literal} is not a value of JSON`;
  const said = messageOf(error).replace(/^JSON Parse error: /, '');
  const [form, words] = SYNTAX.find(([one]) => one.test(said)) ?? [/^[A-Z](?![A-Z])/, undefined];
  return words === undefined ? said.replace(form, (first) => first.toLowerCase()) : said.replace(form, words);
}
