import { messageOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { expectAtMost } from './read-manifest.ts';

/** Bun's parser compares each key with the others of its table, so that its time grows with the square of their number. */
const MOST_KEYS = 1000;
/** Values are counted by their commas; an empty table takes the parser a microsecond. */
const MOST_VALUES = 10_000;
const MOST_KIB = 512;
const DEEPEST = 50;

/**
 * Reads the table `[project]` of a pyproject.toml; undefined if it has none. Nothing else of the file is parsed. Throws a
 * sentence when it cannot be read.
 */
export function readProjectTable(text: string): Readonly<Record<string, unknown>> | undefined {
  const document = parseToml(projectPartOf(text));
  const project = isRecord(document) ? document['project'] : undefined;
  return isRecord(project) ? project : undefined;
}

function parseToml(text: string): unknown {
  try {
    return Bun.TOML.parse(text);
  } catch (cause) {
    const why = messageOf(cause)
      .replace(/^TOML Parse error: /, '')
      .replace('(0x0A)', 'the end of the line');
    throw unreadable(`${why.charAt(0).toLowerCase()}${why.slice(1)}`, cause);
  }
}

function unreadable(why: string, cause?: unknown): Error {
  return new Error(`it cannot be read as TOML: ${why}`, { cause });
}

/** `[project]`, also without its end, but no table within it. */
const PROJECT = /\[[ \t]*(?:project|"project"|'project')(?![ \t]*[.\w-])/y;

const [LINE_END, SPACE, TAB, RETURN] = [0x0a, 0x20, 0x09, 0x0d];
const [QUOTE, APOSTROPHE, COMMENT, BACKSLASH] = [0x22, 0x27, 0x23, 0x5c];
const [LIST, LIST_END, TABLE, TABLE_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const [EQUALS, DOT, COMMA] = [0x3d, 0x2e, 0x2c];

/**
 * The lines in front of the first table, and those of the table `[project]`, found in one pass over the text: it compares
 * codes of characters, since others wait meanwhile, and patterns and pieces of text take ten times as long. Throws a sentence
 * when they have too many keys, or a text or bracket has no end.
 */
export function projectPartOf(text: string): string {
  expectAtMost(text.length, MOST_KIB);
  const parts: string[] = [];
  const here = { from: 0, isWanted: true, keys: 0, values: 0, depth: 0, isHeader: false, isLineStart: true };
  const endPart = (at: number): void => {
    if (here.isWanted) parts.push(text.slice(here.from, at));
    here.from = at;
  };
  for (let at = 0; at < text.length; at++) {
    const mark = text.charCodeAt(at);
    if (mark === LIST && here.isLineStart && here.depth === 0) {
      endPart(at);
      PROJECT.lastIndex = at;
      here.isWanted = PROJECT.test(text);
      here.isHeader = true;
    }
    if (mark === QUOTE || mark === APOSTROPHE) at = endOfString(text, at, mark);
    else if (mark === COMMENT) at = endOfLine(text, at) - 1;
    else take(mark, here);
    if (!isBlank(mark)) here.isLineStart = false;
  }
  if (here.depth > 0) throw unreadable('a bracket has no end');
  endPart(text.length);
  return parts.join('\n');
}

function isBlank(mark: number): boolean {
  return mark === SPACE || mark === TAB || mark === RETURN || mark === LINE_END;
}

interface Here {
  isWanted: boolean;
  keys: number;
  values: number;
  depth: number;
  isHeader: boolean;
  isLineStart: boolean;
}

/** Takes a character that is in no string and no comment. */
function take(mark: number, here: Here): void {
  if (mark === LINE_END) {
    if (here.isHeader) here.depth = 0;
    here.isHeader = false;
    here.isLineStart = true;
  } else if (mark === LIST || mark === TABLE) here.depth++;
  else if (mark === LIST_END || mark === TABLE_END) here.depth = Math.max(0, here.depth - 1);
  else if (here.isWanted) count(mark, here);
  if (here.depth > DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`);
}

function count(mark: number, here: Here): void {
  if (mark === EQUALS || mark === DOT) here.keys++;
  else if (mark === COMMA) here.values++;
  if (here.keys > MOST_KEYS) throw new Error(`its table [project] has more than ${MOST_KEYS} keys`);
  if (here.values > MOST_VALUES) throw new Error(`its table [project] has more than ${MOST_VALUES} values`);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** The place of the last quote of the string that begins at a place. */
function endOfString(text: string, at: number, quote: number): number {
  if (areThree(text, at, quote)) return endOfLongString(text, at, quote);
  for (let end = at + 1; end < text.length; end++) {
    const mark = text.charCodeAt(end);
    if (mark === quote) return end;
    if (mark === LINE_END) break;
    if (mark === BACKSLASH && quote === QUOTE) end++;
  }
  throw unreadable('a text has no end');
}

function endOfLongString(text: string, at: number, quote: number): number {
  for (let end = at + 3; end < text.length; end++) {
    if (areThree(text, end, quote)) return endOfQuotes(text, end + 2);
    if (text.charCodeAt(end) === BACKSLASH && quote === QUOTE) end++;
  }
  throw unreadable('a text has no end');
}

function areThree(text: string, at: number, quote: number): boolean {
  return text.charCodeAt(at) === quote && text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote;
}

/** Behind a long string one or two quotes of its own may stand before the three that close it. */
function endOfQuotes(text: string, third: number): number {
  if (text[third + 1] !== text[third]) return third;
  return text[third + 2] === text[third] ? third + 2 : third + 1;
}
