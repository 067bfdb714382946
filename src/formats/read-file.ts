import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Reads the first bytes of a regular file, `most` at most. Throws an error for anything else: a pipe could make the
 * reader wait for ever, and a device such as /dev/zero has no end.
 */
export function readStart(path: string, most: number): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new Error('it is a directory');
    if (!stat.isFile()) throw new Error('expected a file');
    /* Files of /proc say that they are empty. */
    const bytes = Buffer.allocUnsafe(Math.min(most, Math.max(stat.size, LEAST_BYTES)));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

const LEAST_BYTES = 4096;

/** Reads a regular file that has `most` bytes at most. Throws an error that says so of a larger one, which it does not read. */
export function readSmallFile(path: string, most: number): Buffer {
  const bytes = readStart(path, most + 1);
  if (bytes.length > most) throw new Error(`it is larger than ${sizeInWords(most)}`);
  return bytes;
}

/** A size as KiB or MiB, for sentences. */
export function sizeInWords(bytes: number): string {
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`;
}
