import { readFileSync, statSync } from 'node:fs';

/** The most MiB that a manifest may have; the locks of large projects have some. */
const MOST_MIB = 16;
/** The most MiB of a manifest that is parsed here, and not by its installer alone. */
const MOST_PARSED_MIB = 2;
const MIB = 1024 * 1024;

/** Reads a manifest, or a script that is compiled. Throws a sentence when it is no file, or too large. */
export function readManifest(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('expected a file');
  expectAtMost(stat.size, MOST_MIB);
  return readFileSync(path, 'utf8');
}

/** Throws a sentence when the text of a manifest is too large to be parsed while others wait. */
export function expectParsable(text: string): void {
  expectAtMost(text.length, MOST_PARSED_MIB);
}

function expectAtMost(size: number, mostMiB: number): void {
  if (size > mostMiB * MIB) throw new Error(`it is larger than ${mostMiB} MiB`);
}
