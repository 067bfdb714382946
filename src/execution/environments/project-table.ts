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

/**
 * The lines in front of the first table, and those of the table `[project]`, found in one pass over the text. Throws a
 * sentence when they have too many keys, or a text or bracket has no end.
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
    const mark = text.charAt(at);
    if (mark === '[' && here.isLineStart && here.depth === 0) {
      endPart(at);
      PROJECT.lastIndex = at;
      here.isWanted = PROJECT.test(text);
      here.isHeader = true;
    }
    if (mark === '"' || mark === "'") at = endOfString(text, at);
    else if (mark === '#') at = endOfLine(text, at) - 1;
    else take(mark, here);
    if (!/[ \t\r\n]/.test(mark)) here.isLineStart = false;
  }
  if (here.depth > 0) throw unreadable('a bracket has no end');
  endPart(text.length);
  return parts.join('\n');
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
function take(mark: string, here: Here): void {
  if (mark === '\n') {
    if (here.isHeader) here.depth = 0;
    here.isHeader = false;
    here.isLineStart = true;
  } else if (mark === '[' || mark === '{') here.depth++;
  else if (mark === ']' || mark === '}') here.depth = Math.max(0, here.depth - 1);
  else if (here.isWanted) count(mark, here);
  if (here.depth > DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`);
}

function count(mark: string, here: Here): void {
  if (mark === '=' || mark === '.') here.keys++;
  else if (mark === ',') here.values++;
  if (here.keys > MOST_KEYS) throw new Error(`its table [project] has more than ${MOST_KEYS} keys`);
  if (here.values > MOST_VALUES) throw new Error(`its table [project] has more than ${MOST_VALUES} values`);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** The place of the last quote of the string that begins at a place. */
function endOfString(text: string, at: number): number {
  const quote = text.charAt(at);
  const isLong = text.startsWith(quote.repeat(3), at);
  const close = isLong ? quote.repeat(3) : quote;
  for (let end = at + close.length; end < text.length; end++) {
    if (quote === '"' && text[end] === '\\') end++;
    else if (!isLong && text[end] === '\n') break;
    else if (text.startsWith(close, end)) return endOfQuotes(text, end, close);
  }
  throw unreadable('a text has no end');
}

/** Behind a long string one or two quotes of its own may stand before the three that close it. */
function endOfQuotes(text: string, at: number, close: string): number {
  let end = at + close.length - 1;
  while (close.length > 1 && end < at + 4 && text[end + 1] === close[0]) end++;
  return end;
}
