import { statSync } from 'node:fs';
import { messageOf } from '#domain/errors.ts';
import { packFilesOf } from './pack-files.ts';

/** The most bytes of one pack, unpacked. */
export const MOST_BYTES = 512 * 1024 * 1024;
/** The most files of one pack. */
export const MOST_FILES = 20_000;

/**
 * Says of the pack in a directory that it is larger than its archive may be, since a checksum of files without a bound is
 * computed without a bound, or that its files cannot be listed; undefined: neither.
 */
export function flawOfFiles(directory: string): string | undefined {
  try {
    return flawOfSize(directory);
  } catch (error) {
    return messageOf(error);
  }
}

function flawOfSize(directory: string): string | undefined {
  const [mend, largest] = ['leave files out by .attuneignore', { path: '', size: -1 }];
  let [bytes, files] = [0, 0];
  for (const path of packFilesOf(directory)) {
    const { size } = statSync(path);
    bytes += size;
    files += 1;
    if (size > largest.size) Object.assign(largest, { path, size });
    if (files > MOST_FILES) return `${directory} has more than ${MOST_FILES} files: ${mend}`;
    if (bytes > MOST_BYTES)
      return `${largest.path}: with its ${largest.size} bytes the pack is larger than ${MOST_BYTES} bytes: ${mend}`;
  }
  return undefined;
}
