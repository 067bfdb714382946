import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK = new Uint8Array(64 * 1024);
/** As many directories, each with an inode, as the private directory of an execution needs at most. */
const DIRECTORIES = 8;

/** Writes so many bytes to a new file among new directories, and removes all of it. Rejects with the error of the system. */
export async function probePlace(directory: string, prefix: string, bytes: number): Promise<void> {
  const own = join(directory, `${prefix}${randomUUID()}`);
  try {
    await mkdir(own, { mode: 0o700 });
    for (let n = 1; n < DIRECTORIES; n++) await mkdir(join(own, String(n)));
    const file = await open(join(own, 'probe'), 'wx', 0o600);
    try {
      for (let left = bytes; left > 0; left -= BLOCK.length) await file.write(BLOCK, 0, Math.min(left, BLOCK.length));
    } finally {
      await file.close();
    }
  } finally {
    await rm(own, { recursive: true, force: true }).catch(() => {}); /* the probe itself says what is wrong */
  }
}

/** Measures a file system: all its bytes, and whether it has an inode left. Undefined: it does not tell. */
export async function measurePlace(
  directory: string,
): Promise<{ readonly bytes: number; readonly hasInodes: boolean } | undefined> {
  try {
    const { bsize, blocks, files, ffree } = await statfs(directory);
    return { bytes: bsize * blocks, hasInodes: files === 0 || ffree > 0 };
  } catch {
    return undefined;
  }
}
