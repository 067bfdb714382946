import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Result, success } from '#domain/result.ts';
import { readIgnorePatterns, triedPath, tryIgnorePattern } from './ignore-pattern.ts';
import type { IgnoreFile } from './ignore-rules.ts';

/**
 * Reads the patterns above the pack in a directory by which Git ignores files of it: those of the `.gitignore` of each
 * directory between it and the top of its repository, and of `.git/info/exclude`. There are none where the pack is in no
 * repository, or where Git ignores all of it. The error names the file.
 */
export function readRulesAbove(directory: string): Result<readonly IgnoreFile[], string> {
  const pack = realpathSync(directory);
  const way = wayToTop(pack);
  const top = way.at(0);
  if (top === undefined) return success([]);
  const before = pathBelow(top, pack);
  const found: IgnoreFile[] = [];
  const files = [
    { file: join(top, '.git/info/exclude'), skipped: 0 },
    ...way
      .filter((one) => one !== pack)
      .map((one) => ({ file: join(one, '.gitignore'), skipped: pathBelow(top, one).length })),
  ];
  for (const { file, skipped } of files) {
    const read = readIgnorePatterns(file);
    if (!read.ok) return read;
    found.push({ patterns: read.value ?? [], before, skipped });
  }
  return success(isIgnored(before, found) ? [] : found);
}

/** The directories from the top of the repository down to the pack; none outside of a repository. */
function wayToTop(pack: string): readonly string[] {
  const way = [pack];
  for (let at = pack; !existsSync(join(at, '.git')); at = dirname(at)) {
    if (at === dirname(at)) return [];
    way.unshift(dirname(at));
  }
  return way;
}

function pathBelow(top: string, directory: string): string {
  return top === directory ? '' : `${relative(top, directory)}/`;
}

/** Whether the pack, or a directory that it is in, is ignored as a whole. */
function isIgnored(pack: string, files: readonly IgnoreFile[]): boolean {
  const ends = [...pack.matchAll(/\//g)].map(({ index }) => index + 1);
  return ends.some((end) => {
    const deciding = files
      .filter(({ skipped }) => skipped < end)
      .flatMap(({ patterns, skipped }) => {
        const tried = triedPath(pack.slice(skipped, end));
        return patterns.filter((one) => tryIgnorePattern(one, tried).matches);
      })
      .at(-1);
    return deciding?.isLeftOut === true;
  });
}
