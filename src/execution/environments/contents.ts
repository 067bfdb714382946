import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createSha256, type Sha256 } from '#crypto/sha256.ts';
import { READY } from './layout.ts';

/**
 * Computes the SHA-256 of all that is in the directory of an environment: names, kinds, links, and the bytes of files. The
 * note that says it is left out. Rejects with errors of the file system.
 */
export async function contentsOf(directory: string): Promise<string> {
  const hash = createSha256();
  await add(hash, directory, '');
  return hash.hex();
}

async function add(hash: Sha256, directory: string, below: string): Promise<void> {
  for (const name of (await readdir(join(directory, below))).toSorted()) {
    const inner = join(below, name);
    if (inner === READY) continue;
    const stat = await lstat(join(directory, inner));
    hash.add(`${kindOf(stat)} ${JSON.stringify(inner)} ${stat.mode & 0o111}\n`);
    if (stat.isDirectory()) await add(hash, directory, inner);
    else await addOne(hash, join(directory, inner), stat);
  }
}

async function addOne(hash: Sha256, path: string, stat: Stats): Promise<void> {
  if (stat.isSymbolicLink()) hash.add(`${JSON.stringify(await readlink(path))}\n`);
  if (!stat.isFile()) return;
  hash.add(`${stat.size}\n`);
  for await (const chunk of createReadStream(path)) hash.add(chunk as Uint8Array);
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isFile() ? 'file' : 'other';
}
