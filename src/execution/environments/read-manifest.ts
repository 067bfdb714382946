import { readSmallFile, sizeInWords } from '#formats/read-file.ts';

/** The most KiB that a manifest may have; the locks of large projects have some thousands. */
const MOST_KIB = 16 * 1024;

/** Reads a manifest, or a script that is compiled. Throws a sentence when it is no file, or too large. */
export function readManifest(path: string): string {
  return readSmallFile(path, MOST_KIB * 1024).toString('utf8');
}

/** Throws a sentence when a manifest is too large to be parsed while others wait. */
export function expectAtMost(size: number, mostKiB: number): void {
  if (size <= mostKiB * 1024) return;
  throw new Error(`it is larger than ${sizeInWords(mostKiB * 1024)}`);
}
