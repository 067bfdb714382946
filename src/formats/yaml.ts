import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { lostCharacterOf } from './characters.ts';
import { bareReturnOf, decodeText, type Place, type TextProblem } from './decode-text.ts';
import { isTooDeep, TOO_DEEP } from './depth.ts';
import { describeInexact, isKeptExactly } from './numbers.ts';
import { tooMany } from './size.ts';
import { sayYamlError } from './yaml-words.ts';

/** Bytes that a YAML text from outside may have; parsing takes about a second per MiB. */
export const MOST_YAML_BYTES = 1024 * 1024;
/** The parser would take the rest of the text for a part of the value in front of it. */
const BARE_RETURN = 'this line ends with CR alone: end lines with LF';
/** Aliases may stand for this many times as many nodes as are written. */
const MOST_ALIASES = 100;
/** Values that are named because they would be changed. */
const MOST_LOSSY = 20;

export interface ParsedYaml {
  readonly document: Document.Parsed;
  /** Where the node at a path is written; of an absent one, where the nearest one around it is. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** The values that JavaScript would change, each with its place; of many the first. */
  lossyValues(): readonly TextProblem[];
  /** Where the last key of a path is written; undefined if it is absent. */
  placeOfKey(path: readonly string[]): Place | undefined;
}

/** Decodes and parses YAML 1.2 with merge keys. Refuses other encodings, repeated keys, and texts over 1 MiB. */
export function parseYamlDocument(bytes: Uint8Array): Result<ParsedYaml, TextProblem> {
  if (bytes.length > MOST_YAML_BYTES) return failure({ message: `larger than ${MOST_YAML_BYTES} bytes` });
  const text = decodeText(bytes);
  if (!text.ok) return text;
  const bare = bareReturnOf(text.value);
  if (bare !== undefined) return failure({ message: BARE_RETURN, place: bare });
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    /* The parser would compare each key with each other one; findRepeatedKey does it in one pass. */
    const options = {
      merge: true,
      uniqueKeys: false,
      logLevel: 'error',
      lineCounter: lines,
      prettyErrors: false,
    } as const;
    const document = parseDocument(text.value, options);
    const [broken] = document.errors;
    if (broken?.message.includes('call stack')) return failure({ message: TOO_DEEP });
    if (broken?.code === 'MULTIPLE_DOCS')
      return failure({ message: 'another document begins here: one is read', place: placeAt(broken.pos[0]) });
    if (broken) return failure({ message: sayYamlError(broken.message), place: placeAt(broken.pos[0]) });
    keepKeys(document);
    const repeated = findRepeatedKey(document);
    if (!repeated)
      return success({
        document,
        placeOf: (path) => placeAt(offsetOf(document, path)),
        lossyValues: () => [
          ...document.warnings.map(({ message, pos }) => ({ message: sayYamlError(message), place: placeAt(pos[0]) })),
          ...findLossyValues(document, MOST_LOSSY).map(({ message, offset }) => ({ message, place: placeAt(offset) })),
        ],
        placeOfKey: (path) => {
          const offset = offsetOfKey(document, path);
          return offset === undefined ? undefined : placeAt(offset);
        },
      });
    return failure({
      message: `the key '${String(repeated.value)}' is there twice`,
      place: placeAt(repeated.range?.[0] ?? 0),
    });
  } catch (error) {
    if (error instanceof RangeError) return failure({ message: TOO_DEEP });
    throw error;
  }
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}

function offsetOfKey(document: Document.Parsed, path: readonly string[]): number | undefined {
  const map = document.getIn(path.slice(0, -1), true);
  const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

/**
 * The value of a document. Refuses what JavaScript would change, tags that mean nothing here, deep nesting, and floods of
 * aliases, values and texts.
 */
export function valueOfYaml(document: Document): Result<unknown, string> {
  const [unknown] = document.warnings;
  if (unknown !== undefined) return failure(sayYamlError(unknown.message));
  const [lossy] = findLossyValues(document, 1);
  return lossy === undefined ? nearValueOfYaml(document) : failure(lossy.message);
}

/** The value of a document as `valueOfYaml` has it, but with the nearest value for each that JavaScript would change. */
export function nearValueOfYaml(document: Document): Result<unknown, string> {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    const flaw = isTooDeep(value) ? TOO_DEEP : tooMany(value);
    return flaw === undefined ? success(value) : failure(flaw);
  } catch (error) {
    return failure(sayYamlError(messageOf(error)));
  }
}

/** Reads YAML (and so JSON) that comes from outside. The error is a sentence with the line, where there is one. */
export function parseYaml(bytes: Uint8Array): Result<unknown, string> {
  const parsed = parseYamlDocument(bytes);
  if (!parsed.ok) return failure(describeYamlProblem(parsed.error));
  const [lossy] = parsed.value.lossyValues();
  return lossy ? failure(describeYamlProblem(lossy)) : nearValueOfYaml(parsed.value.document);
}

/** A problem of a file, with its place, as a sentence. */
export function describeFileProblem(file: string, { message, place }: TextProblem): string {
  return `${place === undefined ? file : `${file}:${place.line}:${place.column}`}: ${message}`;
}

/** A problem with its place, as a sentence. */
export function describeYamlProblem({ message, place }: TextProblem): string {
  return place === undefined ? message : `line ${place.line}, column ${place.column}: ${message}`;
}

/** Names of members are texts: `3.10:` is not the member 3.1. */
function keepKeys(document: Document): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && typeof key.value !== 'string' && key.source !== undefined) key.value = key.source;
    },
  });
}

function findRepeatedKey(document: Document): Scalar | undefined {
  let repeated: Scalar | undefined;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (keys.has(key.value)) {
          repeated = key;
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
    },
  });
  return repeated;
}

/** The sentence for each value that would be changed by reading it, up to `most`, with its offset in the text. */
function findLossyValues(
  document: Document,
  most: number,
): readonly { readonly message: string; readonly offset: number }[] {
  const found: { message: string; offset: number }[] = [];
  visit(document, {
    Node: (_, node) => {
      const { tag, range } = node;
      const flawOfTag =
        tag !== undefined && NOT_OF_JSON.test(tag) ? `!!${tag.split(':').at(-1)} is no type of JSON` : undefined;
      const message = flawOfTag ?? (isScalar(node) ? flawOfScalar(node) : flawOfKeys(node));
      if (message !== undefined) found.push({ message, offset: range?.[0] ?? 0 });
      return found.length < most ? undefined : visit.BREAK;
    },
  });
  return found;
}

/** The tags of YAML 1.1 whose values JSON does not have. */
const NOT_OF_JSON = /^tag:yaml\.org,2002:(binary|set|omap|pairs|timestamp)$/;

function flawOfKeys(node: unknown): string | undefined {
  const isStrange = isMap(node) && node.items.some(({ key }) => key !== null && !isScalar(key) && !isAlias(key));
  return isStrange ? 'a list or an object is a key here, and keys of JSON are texts' : undefined;
}

function flawOfScalar({ value, source }: Scalar): string | undefined {
  if (typeof value === 'string') return lostCharacterOf(value);
  if (typeof value !== 'number' || source === undefined) return undefined;
  if (/^[-+]?\.(inf|nan)$/i.test(source)) return `${source} is a number that JSON does not have`;
  if (/^[-+]?0\d/.test(source))
    return `the number ${source} would be changed to ${value}, because zeros in front of a number do not count: write it in quotes, or without them`;
  return isKeptExactly(source) ? undefined : describeInexact(source);
}
