import { displayed, inExpressions } from './displays.ts';
import { asDumps } from './dumps.ts';
import { base32Of, base64Of, dividedHexOf, hexOf, inLatin1, inUtf16 } from './encodings.ts';
import { byNumbers, jsonEscaped, jsonInJson, quotedByPrograms, urlEncoded, withEntities } from './escapes.ts';
import { quotedTwice } from './nested.ts';
import { partsOf } from './parts.ts';
import { asFirstNumbers, asLists, byEscapes, quotedByFormats, quotedPrintable } from './programs.ts';
import { jsonByPhp, quotedByRuby, withNamedEntities } from './ruby-and-php.ts';
import { bare } from './separators.ts';
import { quotedByShells } from './shell-quoting.ts';
import { inUrlParts } from './url-parts.ts';

/** Shorter values are part of too much else: masking them would tell more than it hides. */
const LEAST_BYTES = 4;

/** Lines and other parts of all values that are looked for in all spellings by themselves; further ones as they stand. */
export const MOST_LINES = 1000;
/** Characters of the pieces of a long text, so many that base64 divides them into whole groups; the last piece has up to twice as many. */
const PIECE = 1023;

/** The spellings of one secret that are looked for; bytes in latin1. */
export interface Spellings {
  /** Texts that are found as they stand. */
  readonly texts: readonly string[];
  /** Texts that are found also where line breaks or escapes divide them. */
  readonly divided: readonly string[];
}

/**
 * All spellings in which a value is looked for, part by part; none if it is too short. Every way to spell a text spells
 * it piece by piece, so that long texts are looked for in pieces, and the time to find one is bounded. `spelled` counts
 * down the parts that are spelled by themselves.
 */
export function* spellingsOf(value: string, spelled = { left: MOST_LINES }): Generator<Spellings> {
  const wholes = distinct([value, value.trim()]).filter((text) => Buffer.byteLength(text) >= LEAST_BYTES);
  const parts = distinct(partsOf(value));
  const first = parts.slice(0, spelled.left);
  spelled.left -= first.length;
  for (const text of [...wholes, ...first]) for (const piece of piecesOf(text)) yield spell(piece);
  for (const text of wholes) {
    const numbers = asFirstNumbers(text.slice(0, PIECE));
    yield { texts: distinct([...asDumps(text), ...numbers]), divided: numbers };
  }
  for (const text of parts.slice(first.length)) for (const piece of piecesOf(text)) yield asItIs(piece);
}

/** Pieces of a long text; the last one is the longest. */
function* piecesOf(text: string): Generator<string> {
  let rest = text;
  while (rest.length >= 2 * PIECE) {
    const size = isLowSurrogate(rest.charCodeAt(PIECE)) ? PIECE + 1 : PIECE;
    yield rest.slice(0, size);
    rest = rest.slice(size);
  }
  yield rest;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function spell(text: string): Spellings {
  /* Programs encode JSON, and what is encoded already. */
  const inside = distinct([text, ...jsonEscaped(text), Buffer.from(text, 'utf8').toString('base64')]);
  const { bytes, encoded: ofBytes } = inLatin1(text);
  const encoded = distinct([
    ...inside.flatMap(base64Of),
    ...base32Of(text),
    ...hexOf(text),
    ...inUtf16(text),
    ...ofBytes,
  ]);
  return {
    texts: distinct([...written(text).map(latin1), ...bytes, ...encoded]),
    divided: [...encoded, ...folded(text).map(latin1)],
  };
}

function asItIs(text: string): Spellings {
  return { texts: [latin1(text)], divided: [] };
}

/** A text as it is written by programs that fold lines, or escape characters in ways of their own. */
function folded(text: string): readonly string[] {
  const usual = [text, ...jsonEscaped(text), ...quotedByShells(text), ...quotedByFormats(text)];
  return distinct([...usual, ...quotedPrintable(text), ...displayed(text), ...asLists(text)].map(bare));
}

/** A text as it is, and as the programs write it that are most often asked to. */
function written(text: string): readonly string[] {
  const inJson = jsonEscaped(text);
  const inUrls = distinct(urlEncoded(text));
  return [
    text,
    ...inJson,
    ...jsonInJson(text),
    ...inUrls,
    ...inUrls.flatMap(urlEncoded),
    ...inJson.flatMap(urlEncoded),
    ...inUrlParts(text),
    ...byNumbers(text),
    ...dividedHexOf(text),
    ...withEntities(text),
    ...quotedByShells(text),
    ...quotedByPrograms(text),
    ...quotedByFormats(text),
    ...quotedByRuby(text),
    ...jsonByPhp(text),
    ...withNamedEntities(text),
    ...quotedTwice(text),
    ...quotedPrintable(text),
    ...byEscapes(text),
    ...asLists(text),
    ...displayed(text),
    ...inExpressions(text),
  ];
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
