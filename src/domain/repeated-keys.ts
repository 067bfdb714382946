import { endOfString, nestingAt, nextMark, QUOTE } from './json-marks.ts';
import { cut } from './shortened.ts';

const OPEN_OBJECT = 0x7b;
const BACKSLASH = 0x5c;
/** Characters of a name, or of a place, that a sentence shows. */
const MOST_SHOWN = 100;

/** An object or a list that has been opened and not closed yet. */
interface Level {
  readonly from: number;
  readonly isObject: boolean;
  /** True where the next text is a name. */
  expectsName: boolean;
  /** Where the last name begins, behind its quote. */
  name: number;
  /** The members before this one. */
  count: number;
}

/**
 * Finds a name that an object of a JSON text has twice, and says it in a sentence with the object it is in; undefined if
 * there is none. Parsers keep only the last of two values without a word. Of text that is no JSON the answer means nothing.
 */
export function findRepeatedKey(text: string): string | undefined {
  const levels: Level[] = [];
  /* Making a text of each name would take long: hashes tell them apart, and names are compared where these are the same. */
  const seen = new Set<number>();
  const seed = Math.trunc(Math.random() * 2 ** 32);
  for (let at = nextMark(text, 0); at < text.length; at = nextMark(text, at + 1)) {
    if (text.charCodeAt(at) !== QUOTE) {
      step(text, at, levels);
      continue;
    }
    const end = endOfString(text, at + 1);
    const level = levels.at(-1);
    if (level?.expectsName) {
      level.expectsName = false;
      level.name = at + 1;
      const hash = hashOfName(text, at + 1, Math.imul(seed ^ level.from, FACTOR));
      if (seen.has(hash) && isBefore(text, level)) return describe(text, levels);
      seen.add(hash);
    }
    at = end;
  }
  return undefined;
}

/** Goes into an object or a list, out of it, or on to its next member. */
function step(text: string, at: number, levels: Level[]): void {
  const nesting = nestingAt(text, at);
  const isObject = text.charCodeAt(at) === OPEN_OBJECT;
  const level = levels.at(-1);
  if (nesting > 0) levels.push({ from: at, isObject, expectsName: isObject, name: at, count: 0 });
  else if (nesting < 0) levels.pop();
  else if (level) {
    level.count++;
    level.expectsName = level.isObject;
  }
}

/** A hash of the name that begins at a place and ends before a quote. */
function hashOfName(text: string, from: number, seed: number): number {
  let hash = seed;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) return hashOf(nameAt(text, from), seed);
    hash = mix(hash, code);
  }
  return hash;
}

function hashOf(name: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < name.length; at++) hash = mix(hash, name.charCodeAt(at));
  return hash;
}

function mix(hash: number, code: number): number {
  const mixed = Math.imul(hash ^ code, FACTOR);
  return mixed ^ (mixed >>> 15);
}

const FACTOR = 0x9e3779b1;

/** Tells whether an object has its last name before already. */
function isBefore(text: string, { from, name }: Level): boolean {
  const wanted = nameAt(text, name);
  let depth = 0;
  let expectsName = true;
  for (let at = from + 1; at < name - 1; at = nextMark(text, at + 1)) {
    if (text.charCodeAt(at) === QUOTE) {
      if (depth === 0 && expectsName && nameAt(text, at + 1) === wanted) return true;
      expectsName = false;
      at = endOfString(text, at + 1);
    } else {
      depth += nestingAt(text, at);
      expectsName = depth === 0 && nestingAt(text, at) === 0;
    }
  }
  return false;
}

/** The name that begins at a place, read. */
function nameAt(text: string, from: number): string {
  const written = text.slice(from, endOfString(text, from));
  if (!written.includes('\\')) return written;
  try {
    return JSON.parse(`"${written}"`);
  } catch {
    return written;
  }
}

function describe(text: string, levels: readonly Level[]): string {
  const steps = levels.map(({ isObject, name, count }) => (isObject ? `.${nameAt(text, name)}` : `[${count}]`));
  const key = cut((steps.at(-1) ?? '').slice(1), MOST_SHOWN);
  const place = steps.slice(0, -1).join('').replace(/^\./, '');
  return `the key ${JSON.stringify(key)} is there twice${place === '' ? '' : ` in ${cut(place, MOST_SHOWN)}`}`;
}
