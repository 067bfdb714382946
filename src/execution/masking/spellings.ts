import { base64Of, hexOf } from './encodings.ts';
import { jsonEscaped, quotedByPrograms, urlEncoded, withEntities } from './escapes.ts';
import { quotedByShells } from './shell-quoting.ts';
import { userInfoOf } from './user-info.ts';

/** Shorter values are part of too much else: masking them would tell more than it hides. */
const LEAST_BYTES = 4;
/** Lines of a value of several lines are masked by themselves from this length on. */
const LEAST_LINE = 8;

/** The spellings of one secret that are looked for; bytes in latin1. */
export interface Spellings {
  /** Texts that are found as they stand. */
  readonly texts: readonly string[];
  /** Encodings of letters and digits alone, which are found also where line breaks divide them. */
  readonly encoded: readonly string[];
}

/** All spellings in which a value is looked for; none if it is too short. */
export function spellingsOf(value: string): Spellings {
  const wholes = distinct([value, value.trim()]).filter((text) => Buffer.byteLength(text) >= LEAST_BYTES);
  const lines = value.split(/\r?\n/).flatMap((line) => [line, line.trim()]);
  const parts = lines.length > 2 ? lines.filter((line) => line.trim().length >= LEAST_LINE) : [];
  const texts = distinct([...wholes, ...parts, ...wholes.flatMap(userInfoOf)]);
  const encoded = distinct(texts.flatMap((text) => [...base64Of(text), ...hexOf(text)]));
  return { texts: distinct([...texts.flatMap(written).map(latin1), ...encoded]), encoded };
}

/** A text as it is, and as the programs write it that are most often asked to. */
function written(text: string): readonly string[] {
  const inJson = jsonEscaped(text);
  return [
    text,
    ...inJson,
    ...inJson.flatMap(jsonEscaped),
    ...urlEncoded(text),
    ...withEntities(text),
    ...quotedByShells(text),
    ...quotedByPrograms(text),
  ];
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
