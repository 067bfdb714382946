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

/** Characters of spellings that are made in one step: those of one piece may be a million. */
const STEP = 64 * 1024;

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
  for (const text of [...wholes, ...first]) for (const piece of piecesOf(text)) yield* inParts(waysToSpell(piece));
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

/** Gathers spellings to parts of about the size of a step. */
function* inParts(all: Iterable<Spellings>): Generator<Spellings> {
  const texts = new Set<string>();
  const divided = new Set<string>();
  let characters = 0;
  for (const some of all) {
    for (const text of some.texts) texts.add(text);
    for (const text of some.divided) divided.add(text);
    characters += charactersOf(some.texts) + charactersOf(some.divided);
    if (characters < STEP) continue;
    yield { texts: [...texts], divided: [...divided] };
    texts.clear();
    divided.clear();
    characters = 0;
  }
  if (characters > 0) yield { texts: [...texts], divided: [...divided] };
}

function charactersOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

function* waysToSpell(text: string): Generator<Spellings> {
  const inJson = jsonEscaped(text);
  for (const some of written(text, inJson)) yield { texts: some.map(latin1), divided: [] };
  /* Programs encode JSON, and what is encoded already. */
  const inside = distinct([text, ...inJson, Buffer.from(text, 'utf8').toString('base64')]);
  for (const one of inside) yield encoded(base64Of(one));
  for (const way of [base32Of, hexOf, inUtf16]) yield encoded(way(text));
  const { bytes, encoded: ofBytes } = inLatin1(text);
  yield { texts: [...bytes, ...ofBytes], divided: ofBytes };
  for (const some of folded(text, inJson)) yield { texts: [], divided: some.map(bare).map(latin1) };
}

/** Encoders break lines. */
function encoded(texts: readonly string[]): Spellings {
  return { texts, divided: texts };
}

function asItIs(text: string): Spellings {
  return { texts: [latin1(text)], divided: [] };
}

/** A text as it is written by programs that fold lines, or escape characters in ways of their own. */
function* folded(text: string, inJson: readonly string[]): Generator<readonly string[]> {
  yield [text, ...inJson];
  for (const way of [quotedByShells, quotedByFormats, quotedPrintable, displayed, asLists]) yield way(text);
}

/** Ways in which programs write a text that they do not encode. */
const WAYS: readonly ((text: string) => readonly string[])[] = [
  jsonInJson,
  inUrlParts,
  byNumbers,
  dividedHexOf,
  withEntities,
  quotedByShells,
  quotedByPrograms,
  quotedByFormats,
  quotedByRuby,
  jsonByPhp,
  withNamedEntities,
  quotedTwice,
  quotedPrintable,
  byEscapes,
  asLists,
  displayed,
  inExpressions,
];

/** A text as it is, and as the programs write it that are most often asked to. */
function* written(text: string, inJson: readonly string[]): Generator<readonly string[]> {
  yield [text, ...inJson];
  const inUrls = distinct(urlEncoded(text));
  yield inUrls;
  for (const one of [...inUrls, ...inJson]) yield urlEncoded(one);
  for (const way of WAYS) yield way(text);
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
