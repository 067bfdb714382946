import { join } from 'node:path';
import { LEFT_IN_PACKS, PRIVATE_IN_PACKS } from '#domain/pack-files.ts';
import { type Result, success } from '#domain/result.ts';
import {
  type IgnorePattern,
  ignorePatternOf,
  MOST_PATTERNS,
  readIgnorePatterns,
  triedPath,
  tryIgnorePattern,
} from './ignore-pattern.ts';

/** Characters of patterns times those of the paths that they are tried on: some seconds of work for all paths of a pack. */
const MOST_STEPS = 10_000_000_000;

/** The work of reading a pattern of a directory of the pack. */
const STEPS_TO_READ = 2000;
/** Patterns of all the `.gitignore` that count for one path. */
const MOST_ON_THE_WAY = 2 * MOST_PATTERNS;

/** Says what is left out of a pack. Paths are below the pack; those of directories end with a slash. */
export interface IgnoreRules {
  /** Throws an error that says so when trying the patterns on all paths so far was too much work. */
  isLeftOut(path: string): boolean;
  /**
   * The rules for what is in a directory of the pack that has a `.gitignore` of its own. Everything in it is left
   * out where that file is too large, or where there are too many patterns on the way to it.
   */
  within(directory: string): IgnoreRules;
}

/** The patterns of a file, with where it lies. */
export interface IgnoreFile {
  readonly patterns: readonly IgnorePattern[];
  /** What stands before the path below the pack, for a file above the pack; else nothing. */
  readonly before: string;
  /** How many of the characters of both are the directory of the file. */
  readonly skipped: number;
}

function fileIn(directory: string, patterns: readonly IgnorePattern[]): IgnoreFile {
  return { patterns, before: '', skipped: directory.length };
}

const byDefault = [...LEFT_IN_PACKS, ...PRIVATE_IN_PACKS].map(ignorePatternOf);
const everything = [ignorePatternOf('*')];

/**
 * Reads what is left out of the pack in a directory: what patterns `above` it name, its `.gitignore` and those of its
 * directories, what is left out by default, and its `.attuneignore`. The last of them that matches decides. Matching
 * takes a time that grows with the texts alone. The error names the file, and the line of a pattern that is too long.
 */
export function readIgnoreRules(directory: string, above: readonly IgnoreFile[] = []): Result<IgnoreRules, string> {
  const [ofGit, own] = [join(directory, '.gitignore'), join(directory, '.attuneignore')];
  const [git, attune] = [readIgnorePatterns(ofGit), readIgnorePatterns(own)];
  if (!git.ok) return git;
  if (!attune.ok) return attune;
  const counts = { [own]: attune.value?.length, [ofGit]: git.value?.length, [directory]: 0 };
  const [most = directory] = Object.keys(counts).toSorted((a, b) => (counts[b] ?? -1) - (counts[a] ?? -1));
  return success(
    rulesOf({
      git: [...above, fileIn('', git.value ?? [])],
      decisive: fileIn('', [...byDefault, ...(attune.value ?? [])]),
      work: { steps: 0, file: most },
      directory,
    }),
  );
}

interface Given {
  readonly git: readonly IgnoreFile[];
  /** What decides where it matches, whatever those of Git say. */
  readonly decisive: IgnoreFile;
  readonly work: { steps: number; readonly file: string };
  readonly directory: string;
}

function rulesOf(given: Given): IgnoreRules {
  const { git, decisive, work, directory } = given;
  const files = [...git, decisive].toReversed();
  const decidingOf = (path: string): IgnorePattern | undefined => {
    for (const { patterns, before, skipped } of files) {
      const tried = triedPath(`${before}${path}`.slice(skipped));
      const found = patterns.findLast((one) => {
        const { matches, steps } = tryIgnorePattern(one, tried);
        work.steps += steps;
        return matches;
      });
      if (found) return found;
    }
    return undefined;
  };
  return {
    isLeftOut: (path) => {
      const deciding = decidingOf(path);
      if (work.steps > MOST_STEPS)
        throw new Error(
          `${work.file}: trying its patterns on every path of the pack is too much work: use fewer, shorter ones`,
        );
      return deciding?.isLeftOut === true;
    },
    within: (path) => {
      const read = readIgnorePatterns(join(directory, path, '.gitignore'));
      const found = read.ok ? (read.value ?? []) : everything;
      work.steps += found.length * STEPS_TO_READ;
      const isBounded = git.reduce((sum, one) => sum + one.patterns.length, found.length) <= MOST_ON_THE_WAY;
      return rulesOf({ ...given, git: [...git, fileIn(path, isBounded ? found : everything)] });
    },
  };
}
