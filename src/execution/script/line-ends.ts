import { readStart } from '#formats/read-file.ts';

/**
 * Characters of a script that are looked at: which half of a script would run is decided while everything else of the
 * process waits, and its first lines tell what wrote it.
 */
export const LOOKED_AT = 128 * 1024;

/** Reads of a script what `findCarriageReturn` looks at. Throws an error of the file system, or for what is no file. */
export function readScriptStart(file: string): string {
  return readStart(file, LOOKED_AT + 1).toString('utf8');
}

/**
 * Finds the line, counted from 1, at which a shell script has an end of line of Windows (CRLF), which shells read as a
 * part of the command: half of such a script would run. Undefined if there is none outside of here-documents, whose line
 * ends are the author's. Of a long script the beginning is looked at.
 */
export function findCarriageReturn(script: string): number | undefined {
  const isCut = script.length > LOOKED_AT;
  const start = isCut ? script.slice(0, LOOKED_AT) : script;
  if (!start.includes('\r\n')) return undefined;
  const lines = start.split('\n');
  const endOf = endsOf(lines, isCut);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.endsWith('\r')) return at + 1;
    for (const one of hereDocumentsOf(line)) at = endOf(one, at);
  }
  return undefined;
}

/**
 * The line at which a here-document ends that begins after a line. One that never ends was none: then it is that line
 * itself, but of a script that is cut off it may end behind the last line.
 */
function endsOf(lines: readonly string[], isCut: boolean): (one: HereDocument, after: number) => number {
  const read = { '<<': lines, '<<-': lines.map(withoutTabs) };
  const last = { '<<': lastLines(read['<<']), '<<-': lastLines(read['<<-']) };
  return ({ operator, until }, after) =>
    (last[operator].get(until) ?? 0) > after ? read[operator].indexOf(until, after + 1) : isCut ? lines.length : after;
}

interface HereDocument {
  readonly operator: '<<' | '<<-';
  /** The line that ends it. */
  readonly until: string;
}

/** Longer lines are looked at no further. */
const LONGEST_LINE = 16 * 1024;

/**
 * Words of a line of a shell: texts in quotes, comments, arithmetic and here-strings, of which no here-document begins,
 * and the beginnings of these. A text with a command in it is none: a here-document may be within.
 */
const WORDS =
  /\\.|'[^']*'|"(?:\\.|[^"\\$]|\$(?!\())*"|(?<![^\s;&|()])#.*|\(\([^()]{0,200}\)\)|<<<|(<<-?)[ \t]*((?:\\.|'[^']*'|"[^"]*"|[^\s;&|<>()'"\\`])+)|[^\\'"#(<]+|./gs;

/** The here-documents that begin in a line of a script, in their order. */
function hereDocumentsOf(line: string): readonly HereDocument[] {
  if (!line.includes('<<')) return [];
  return [...line.slice(0, LONGEST_LINE).matchAll(WORDS)].flatMap(([, operator, word]) =>
    operator === undefined || word === undefined
      ? []
      : [{ operator: operator === '<<-' ? operator : '<<', until: unquoted(word) }],
  );
}

function unquoted(word: string): string {
  return word.replaceAll(/\\(.)|'([^']*)'|"([^"]*)"/gs, '$1$2$3');
}

/** Each line with the index of the last one like it. */
function lastLines(lines: readonly string[]): ReadonlyMap<string, number> {
  return new Map(lines.map((line, index) => [line, index]));
}

function withoutTabs(line: string): string {
  return line.replace(/^\t+/, '');
}
