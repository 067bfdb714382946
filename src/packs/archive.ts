import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { createSha256 } from '#crypto/sha256.ts';
import { listPackFiles, type Omission } from './pack-files.ts';
import { stampOfFiles } from './pack-stamp.ts';

/**
 * Archives the files of the pack in a directory as tar.gz, in the order of their names. Links to files of the directory
 * become these files. `listPackFiles` says what is left out.
 */
export function archiveDirectory(directory: string, omission: Omission = {}): Readable {
  const tar = tarOf(directory, omission);
  const gzip = createGzip();
  tar.on('error', (error) => gzip.destroy(error));
  tar.pipe(gzip);
  return gzip;
}

/** A SHA-256 of the same archive before its compression: the same for the same files and modes. */
export async function checksumOf(directory: string): Promise<string> {
  const hash = createSha256();
  for await (const chunk of tarOf(directory)) hash.add(chunk as Uint8Array);
  return hash.hex();
}

/** Computes the checksum of the pack in a directory. Whoever has made the stamp of its files already gives it along. */
export type PackChecksum = (directory: string, stamp?: string) => Promise<string>;

/** Makes a function that computes checksums of packs. A pack of which no file has changed since is not read again. */
export function createPackChecksums(): PackChecksum {
  const known = new Map<string, { readonly stamp: string; readonly checksum: string }>();
  return async (directory, stamp) => {
    const now = stamp ?? (await stampOfFiles(directory));
    const before = known.get(directory);
    if (before?.stamp === now) return before.checksum;
    const checksum = await checksumOf(directory);
    known.set(directory, { stamp: now, checksum });
    return checksum;
  };
}

function tarOf(directory: string, omission: Omission = {}): ReturnType<typeof pack> {
  const tar = pack();
  listPackFiles(directory, omission)
    .then(async ({ files }) => await fill(tar, directory, files))
    .then(
      () => tar.finalize(),
      (error: Error) => tar.destroy(error),
    );
  return tar;
}

async function fill(tar: ReturnType<typeof pack>, directory: string, files: readonly string[]): Promise<void> {
  for (const path of files) {
    const { mode, size } = statSync(path);
    const name = path.slice(directory.length + 1);
    const executable = (mode & 0o111) === 0 ? 0o644 : 0o755;
    const entry = tar.entry({ name, size, mode: executable, mtime: new Date(0) });
    await pipeline(createReadStream(path, { end: Math.max(0, size - 1) }), entry);
  }
}
