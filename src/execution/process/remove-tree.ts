import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '#domain/errors.ts';

/**
 * Removes a directory with all that is in it, by open directories and without following links. It does not block other
 * work, since the tree may be large. Directories from which this user may not remove are made writable first. A tree in
 * which something is mounted stays, since what is mounted is the files of somebody else.
 */
export async function removeTree(path: string): Promise<void> {
  const mounted = mountsBelow(path);
  if (mounted.length > 0) throw new Error(`something is mounted in it: umount '${mounted.join("' '")}'`);
  await flatten(path).catch(() => {}); /* what cannot be moved is removed where it is */
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** The places below a directory at which something is mounted. /proc writes spaces and such in octal digits. */
function mountsBelow(path: string): readonly string[] {
  try {
    const start = `${realpathSync(path)}/`;
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const places = lines.map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\([0-7]{3})/g, character));
    return places.filter((place) => place.startsWith(start));
  } catch {
    return []; /* the directory is not there, or /proc is not: no action has mounted anything then */
  }
}

function character(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}

/** Deeper directories are moved up. No more descriptors than that are open at the same time. */
const MOST_LEVELS = 32;
const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Moves directories that lie deep to the top, so that none lies deeper than `MOST_LEVELS`: the kernel and `rm` walk each
 * path from its start, which takes minutes at a depth of thousands.
 */
async function flatten(path: string): Promise<void> {
  const top = openSync(path, OPEN_DIRECTORY);
  try {
    const waiting = await directoriesIn(top);
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
      await moveUp(at(top, name), MOST_LEVELS, (deep) => {
        const moved = randomUUID();
        renameSync(deep, at(top, moved));
        waiting.push(moved);
      });
  } finally {
    closeSync(top);
  }
}

/** Calls `move` for each directory that lies so many levels below a directory. */
async function moveUp(path: string, levels: number, move: (path: string) => void): Promise<void> {
  const directory = openSync(path, OPEN_DIRECTORY);
  try {
    for (const name of await directoriesIn(directory)) {
      if (levels === 1) move(at(directory, name));
      else await moveUp(at(directory, name), levels - 1, move);
    }
  } finally {
    closeSync(directory);
  }
}

async function directoriesIn(descriptor: number): Promise<string[]> {
  const entries = await readdir(`/proc/self/fd/${descriptor}`, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** The path of a name in an open directory, wherever that lies. */
function at(descriptor: number, name: string): string {
  return `/proc/self/fd/${descriptor}/${name}`;
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
}
