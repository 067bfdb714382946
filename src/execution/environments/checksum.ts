import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSha256, sha256Of } from '#crypto/sha256.ts';
import { LEFT_IN_PACKS } from '#domain/pack-files.ts';

/** Installed packages change what an environment is made from only where a recipe names them among its inputs. */
const excluded: ReadonlySet<string> = new Set(LEFT_IN_PACKS);

/** Tells whether a file of that name belongs to a pack, rather than to tools that leave files in its directory. */
export function isPartOfPack(name: string): boolean {
  return !excluded.has(name);
}

/**
 * Computes the checksum of inputs in the directory of a pack: `.` is all of the pack, `vendor` a file or a directory,
 * and `requirements*.txt` the files of that pattern at its top.
 */
export type Checksum = (directory: string, inputs: readonly string[]) => string;

interface Known {
  readonly stamp: string;
  readonly hash: string;
}

/**
 * Makes a checksum by SHA-256 of names and contents. A file that has not changed since it was read, by its inode and
 * times, is not read again.
 */
export function createChecksum(): Checksum {
  const known = new Map<string, Known>();
  const hashOf = (path: string): string | undefined => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const stamp = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.hash;
    const hash = sha256Of(readFileSync(path));
    known.set(path, { stamp, hash });
    return hash;
  };
  return (directory, inputs) => {
    const total = createSha256();
    const files = [...new Set(inputs.flatMap((input) => filesOf(directory, input)))].toSorted();
    for (const file of files) {
      const hash = hashOf(join(directory, file));
      if (hash !== undefined) total.add(`${file}\0${hash}\n`);
    }
    return total.hex();
  };
}

function filesOf(directory: string, input: string): readonly string[] {
  if (input === '.') return walk(directory, '');
  if (input.includes('*')) {
    const [before = '', after = ''] = input.split('*');
    return readdirSync(directory).filter((name) => name.startsWith(before) && name.endsWith(after));
  }
  const stat = statSync(join(directory, input), { throwIfNoEntry: false });
  return stat?.isDirectory() ? walk(directory, input) : [input];
}

function walk(directory: string, below: string): readonly string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (!isPartOfPack(entry.name)) return [];
    return entry.isDirectory() ? walk(directory, path) : [path];
  });
}
