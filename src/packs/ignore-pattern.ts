import { statSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';
import { readStart } from '#formats/read-file.ts';

/** Anybody may have written files of patterns, and every pattern is tried on every file of the pack. */
const MOST_BYTES = 32 * 1024;
export const MOST_PATTERNS = 1000;
const LONGEST_PATTERN = 256;

/** One line of a file that says what is left out, in the form of a `.gitignore`. */
export interface IgnorePattern {
  readonly isLeftOut: boolean;
  readonly ofDirectories: boolean;
  /** It matches whole paths, rather than names in any directory. */
  readonly isAnchored: boolean;
  readonly glob: string;
}

/**
 * Reads the patterns of a file; undefined if there is no such file. The error names the file, and the line of a pattern
 * that is too long.
 */
export function readIgnorePatterns(file: string): Result<readonly IgnorePattern[] | undefined, string> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return success(undefined);
  if (!stat.isFile()) return failure(`${file}: expected a file`);
  if (stat.size > MOST_BYTES) return failure(`${file}: is larger than ${MOST_BYTES} bytes`);
  const lines = linesOf(readStart(file, MOST_BYTES).toString('utf8'));
  const tooLong = lines.find(({ text }) => text.length > LONGEST_PATTERN);
  if (tooLong) return failure(`${file}:${tooLong.number}: the pattern has more than ${LONGEST_PATTERN} characters`);
  const tooMany = lines[MOST_PATTERNS];
  if (tooMany) return failure(`${file}:${tooMany.number}: there are more than ${MOST_PATTERNS} patterns`);
  return success(lines.map(({ text }) => ignorePatternOf(text)));
}

/** The lines that are patterns, without the spaces behind them that no backslash keeps. */
function linesOf(text: string): readonly { readonly number: number; readonly text: string }[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: withoutSpaces(line) }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
}

function withoutSpaces(line: string): string {
  const trimmed = line.trimEnd();
  return trimmed.endsWith('\\') && line[trimmed.length] === ' ' ? `${trimmed} ` : trimmed;
}

/** Reads one line of such a file. Upper and lower case are the same. */
export function ignorePatternOf(line: string): IgnorePattern {
  const isLeftOut = !line.startsWith('!');
  const ofDirectories = line.endsWith('/');
  const body = line.slice(isLeftOut ? 0 : 1, ofDirectories ? -1 : undefined);
  const glob = globOf(body.toLowerCase());
  return { isLeftOut, ofDirectories, isAnchored: body.includes('/'), glob };
}

/** What of Git's patterns means something else in other globs: `!`, braces, `**` within a name, and `/**` at the end. */
function globOf(body: string): string {
  return body
    .replace(/^\//, '')
    .replace(/\\.|\[[!^](?!\])|(?<![^/])\*\*(?![^/])|\*+|[{}]|^!/g, (part) => {
      if (part.startsWith('[')) return '[!/';
      if (part === '**' || part.startsWith('\\')) return part;
      return part.startsWith('*') ? '*' : `\\${part}`;
    })
    .replace(/\/\*\*$/, '/**/*');
}

/** A path as patterns are tried on it. */
export interface TriedPath {
  readonly isDirectory: boolean;
  readonly whole: string;
  readonly name: string;
}

/** Prepares a path for patterns. That of a directory ends with a slash. */
export function triedPath(path: string): TriedPath {
  const isDirectory = path.endsWith('/');
  const whole = (isDirectory ? path.slice(0, -1) : path).toLowerCase();
  return { isDirectory, whole, name: whole.slice(whole.lastIndexOf('/') + 1) };
}

/** Whether a pattern matches a path, and the work of it: its characters times those that it is tried on. */
export function tryIgnorePattern(
  { ofDirectories, isAnchored, glob }: IgnorePattern,
  { isDirectory, whole, name }: TriedPath,
): { readonly matches: boolean; readonly steps: number } {
  if (ofDirectories && !isDirectory) return { matches: false, steps: 0 };
  const text = isAnchored ? whole : name;
  return { matches: matchesGlob(text, glob), steps: text.length * glob.length };
}
