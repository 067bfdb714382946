import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSha256, sha256OfFile } from '#crypto/sha256.ts';
import { LEFT_IN_PACKS } from '#domain/pack-files.ts';
import { takeTurns } from '#domain/turns.ts';

/** Installed packages change what an environment is made from only where a recipe names them among its inputs. */
const excluded: ReadonlySet<string> = new Set(LEFT_IN_PACKS);

/** Tells whether a file of that name belongs to a pack, rather than to tools that leave files in its directory. */
export function isPartOfPack(name: string): boolean {
  return !excluded.has(name);
}

/**
 * Computes the checksum of inputs in the directory of a pack: `.` is all of the pack, `vendor` a file or a directory,
 * and `requirements*.txt` the files of that pattern at its top. However many and large they are, others get their turns.
 * Rejects with errors of the file system.
 */
export type Checksum = (directory: string, inputs: readonly string[]) => Promise<string>;

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
  const hashOf = async (path: string): Promise<string | undefined> => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile()) return undefined;
    const stamp = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.hash;
    const hash = await sha256OfFile(path);
    known.set(path, { stamp, hash });
    return hash;
  };
  return async (directory, inputs) => {
    const total = createSha256();
    const turn = takeTurns();
    const files = new Set<string>();
    for (const input of inputs)
      for (const file of filesOf(directory, input)) {
        files.add(file);
        await turn();
      }
    for (const file of [...files].toSorted()) {
      const hash = await hashOf(join(directory, file));
      if (hash !== undefined) total.add(`${file}\0${hash}\n`);
      await turn();
    }
    return total.hex();
  };
}

function* filesOf(directory: string, input: string): Generator<string> {
  if (input === '.') return yield* walk(directory, '');
  if (input.includes('*')) {
    const [before = '', after = ''] = input.split('*');
    return yield* readdirSync(directory).filter((name) => name.startsWith(before) && name.endsWith(after));
  }
  const stat = statSync(join(directory, input), { throwIfNoEntry: false });
  if (stat?.isDirectory()) yield* walk(directory, input);
  else yield input;
}

function* walk(directory: string, below: string): Generator<string> {
  for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (!isPartOfPack(entry.name)) continue;
    if (entry.isDirectory()) yield* walk(directory, path);
    else yield path;
  }
}
