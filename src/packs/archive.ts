import { createReadStream, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { createSha256 } from '#crypto/sha256.ts';
import { LEFT_IN_PACKS } from '#domain/pack-files.ts';

const excluded: ReadonlySet<string> = new Set(LEFT_IN_PACKS);

/**
 * Archives the files below a directory as tar.gz, in the order of their names. Links to files of the directory become
 * these files; other links and special files are left out.
 */
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

/**
 * Makes a function that computes the checksum of the pack in a directory. A pack of which no file has changed since, by
 * inodes and times, is not read again.
 */
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

/** Absolute paths, in order. What is mounted from a ConfigMap or a Secret is found by its links. */
function filesOf(directory: string): readonly string[] {
  const root = realpathSync(directory);
  const below = (at: string): readonly string[] =>
    readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
      if (!isPart(entry.name)) return [];
      const path = join(at, entry.name);
      const kind = entry.isSymbolicLink() ? targetOf(path, root) : entry;
      if (kind?.isDirectory()) return below(path);
      return kind?.isFile() ? [path] : [];
    });
  return below(directory).toSorted();
}

/** Names that begin with two dots are those of Kubernetes in its volumes. */
function isPart(name: string): boolean {
  return !(excluded.has(name) || name.startsWith('..'));
}

/**
 * What a link to a file of the pack leads to. Of links to directories, which may lead in circles, only those count that
 * Kubernetes makes in volumes: it keeps their files in a directory that `..data` links to. Undefined: nothing, or
 * something outside, which could be any file of the machine.
 */
function targetOf(path: string, root: string): Stats | undefined {
  try {
    const stat = statSync(path);
    if (!realpathSync(path).startsWith(`${root}/`)) return undefined;
    return stat.isFile() || readlinkSync(path).startsWith('..data/') ? stat : undefined;
  } catch {
    return undefined;
  }
}
