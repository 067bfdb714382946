import { readFileSync, statSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { LEFT_IN_PACKS, PRIVATE_IN_PACKS } from '#domain/pack-files.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** The files that say what belongs to a pack, as Git reads them. The first one that is there counts. */
const IGNORE_FILES = ['.attuneignore', '.gitignore'] as const;
/** Anybody may have written these files, and every pattern is tried on every file of the pack. */
const MOST_BYTES = 32 * 1024;
const MOST_PATTERNS = 1000;
const LONGEST_PATTERN = 256;
/** Characters of patterns times those of the paths that they are tried on: some seconds of work for all paths of a pack. */
const MOST_STEPS = 10_000_000_000;

/**
 * Tells whether a path below the pack is left out of it. Paths of directories end with a slash. Throws an error that says
 * so when trying the patterns on all paths so far was too much work.
 */
export type IgnoreRules = (path: string) => boolean;

/**
 * Reads what is left out of the pack in a directory. Matching takes a time that grows with the texts alone. The error
 * names the file, and the line of a pattern that is too long.
 */
export function readIgnoreRules(directory: string): Result<IgnoreRules, string> {
  const byDefault = [...LEFT_IN_PACKS, ...PRIVATE_IN_PACKS];
  for (const file of IGNORE_FILES.map((name) => join(directory, name))) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isFile()) return failure(`${file}: expected a file`);
    if (stat.size > MOST_BYTES) return failure(`${file}: is larger than ${MOST_BYTES} bytes`);
    const lines = linesOf(readFileSync(file, 'utf8'));
    const tooLong = lines.find(({ text }) => text.length > LONGEST_PATTERN);
    if (tooLong) return failure(`${file}:${tooLong.number}: the pattern has more than ${LONGEST_PATTERN} characters`);
    const tooMany = lines[MOST_PATTERNS];
    if (tooMany) return failure(`${file}:${tooMany.number}: there are more than ${MOST_PATTERNS} patterns`);
    return success(rulesOf([...byDefault, ...lines.map(({ text }) => text)], file));
  }
  return success(rulesOf(byDefault, directory));
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

/** The last pattern that matches decides. Upper and lower case are the same. */
function rulesOf(patterns: readonly string[], file: string): IgnoreRules {
  const rules = patterns.map(ruleOf).toReversed();
  let steps = 0;
  return (path) => {
    const isDirectory = path.endsWith('/');
    const whole = (isDirectory ? path.slice(0, -1) : path).toLowerCase();
    const name = whole.slice(whole.lastIndexOf('/') + 1);
    const deciding = rules.find(({ ofDirectories, isAnchored, glob }) => {
      if (ofDirectories && !isDirectory) return false;
      const text = isAnchored ? whole : name;
      steps += text.length * glob.length;
      return matchesGlob(text, glob);
    });
    if (steps > MOST_STEPS)
      throw new Error(
        `${file}: trying its patterns on every path of the pack is too much work: use fewer, shorter ones`,
      );
    return deciding?.isLeftOut === true;
  };
}

interface Rule {
  readonly isLeftOut: boolean;
  readonly ofDirectories: boolean;
  /** It matches whole paths, rather than names in any directory. */
  readonly isAnchored: boolean;
  readonly glob: string;
}

function ruleOf(pattern: string): Rule {
  const isLeftOut = !pattern.startsWith('!');
  const ofDirectories = pattern.endsWith('/');
  const body = pattern.slice(isLeftOut ? 0 : 1, ofDirectories ? -1 : undefined);
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
