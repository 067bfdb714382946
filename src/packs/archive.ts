import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { createSha256 } from '#crypto/sha256.ts';
import { LEFT_IN_PACKS } from '#domain/pack-files.ts';

const excluded: ReadonlySet<string> = new Set(LEFT_IN_PACKS);

/** The files below a directory as tar.gz, in the order of their names. Links and special files are left out. */
export function archiveDirectory(directory: string): Readable {
  const tar = tarOf(directory);
  const gzip = createGzip();
  tar.on('error', (error) => gzip.destroy(error));
  tar.pipe(gzip);
  return gzip;
}

/** A SHA-256 of the same archive before its compression: the same for the same files and modes. */
async function checksumOf(directory: string): Promise<string> {
  const hash = createSha256();
  for await (const chunk of tarOf(directory)) hash.add(chunk as Uint8Array);
  return hash.hex();
}

/** Checksums of the packs of a directory; what has not changed since, by inodes and times, is not read again. */
export function createPackChecksums(): (directory: string) => Promise<string> {
  const known = new Map<string, { readonly stamp: string; readonly checksum: string }>();
  return async (directory) => {
    const stamp = createSha256();
    for (const path of filesOf(directory)) {
      const { ino, size, mtimeMs, ctimeMs, mode } = statSync(path);
      stamp.add(`${path}\0${ino} ${size} ${mtimeMs} ${ctimeMs} ${mode}\n`);
    }
    const now = stamp.hex();
    const before = known.get(directory);
    if (before?.stamp === now) return before.checksum;
    const checksum = await checksumOf(directory);
    known.set(directory, { stamp: now, checksum });
    return checksum;
  };
}

function tarOf(directory: string): ReturnType<typeof pack> {
  const tar = pack();
  fill(tar, directory).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return tar;
}

async function fill(tar: ReturnType<typeof pack>, directory: string): Promise<void> {
  for (const path of filesOf(directory)) {
    const { mode, size } = statSync(path);
    const name = path.slice(directory.length + 1);
    const executable = (mode & 0o111) === 0 ? 0o644 : 0o755;
    const entry = tar.entry({ name, size, mode: executable, mtime: new Date(0) });
    await pipeline(createReadStream(path, { end: Math.max(0, size - 1) }), entry);
  }
}

function filesOf(directory: string): readonly string[] {
  const below = (at: string): readonly string[] =>
    readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
      if (excluded.has(entry.name)) return [];
      const path = join(at, entry.name);
      if (entry.isDirectory()) return below(path);
      return entry.isFile() ? [path] : [];
    });
  return below(directory).toSorted();
}
