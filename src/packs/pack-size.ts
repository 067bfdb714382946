import { accessSync, constants, statSync } from 'node:fs';
import { fileProblemOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { packFilesOf } from './pack-files.ts';
import { beginStamp } from './pack-stamp.ts';

/** The most bytes of one pack, unpacked. */
export const MOST_BYTES = 512 * 1024 * 1024;
/** The most files of one pack. */
export const MOST_FILES = 20_000;

/**
 * Makes the stamp of the files of the pack in a directory, by one walk over them. The error says that the pack is larger than
 * its archive may be, since a checksum of files without a bound is computed without a bound, or that its files cannot be
 * listed or read.
 */
export function lookAtFiles(directory: string): Result<string, string> {
  try {
    return measured(directory);
  } catch (error) {
    return failure(fileProblemOf(error));
  }
}

function measured(directory: string): Result<string, string> {
  const stamp = beginStamp();
  const [mend, largest] = ['leave files out by .attuneignore', { path: '', size: -1 }];
  let [bytes, files] = [0, 0];
  for (const path of packFilesOf(directory)) {
    const stat = statSync(path);
    const { size } = stat;
    accessSync(path, constants.R_OK); /* else whoever makes its checksum or archive would meet it */
    stamp.add(path, stat);
    bytes += size;
    files += 1;
    if (size > largest.size) Object.assign(largest, { path, size });
    if (files > MOST_FILES) return failure(`${directory} has more than ${MOST_FILES} files: ${mend}`);
    if (bytes > MOST_BYTES)
      return failure(
        `${largest.path}: with its ${largest.size} bytes the pack is larger than ${MOST_BYTES} bytes: ${mend}`,
      );
  }
  return success(stamp.end());
}
