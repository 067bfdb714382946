import { readFileSync, statSync } from 'node:fs';

/** The most KiB that a manifest may have; the locks of large projects have some thousands. */
const MOST_KIB = 16 * 1024;

/** Reads a manifest, or a script that is compiled. Throws a sentence when it is no file, or too large. */
export function readManifest(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('expected a file');
  expectAtMost(stat.size, MOST_KIB);
  return readFileSync(path, 'utf8');
}

/** Throws a sentence when a manifest is too large to be parsed while others wait. */
export function expectAtMost(size: number, mostKiB: number): void {
  if (size <= mostKiB * 1024) return;
  throw new Error(`it is larger than ${mostKiB < 1024 ? `${mostKiB} KiB` : `${mostKiB / 1024} MiB`}`);
}
