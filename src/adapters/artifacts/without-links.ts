import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { codeOf } from '#domain/errors.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** The mode of a new directory: the users who share the volume have a group in common. */
const DIRECTORY_MODE = 0o2775;

export interface Place {
  /** The directory of the file, held open: its links lead nowhere else. */
  readonly directory: FileHandle;
  /** The path of the file by way of the directory that is held. */
  readonly path: string;
}

/**
 * Opens the directory of a path below `root`, step by step, so that no link on the way is followed. Missing directories
 * are made where `makes` says so, in the place of any link or file of that name. Undefined: the way ends early.
 */
export async function openPlace(root: string, path: string, makes: boolean): Promise<Place | undefined> {
  const names = path.split('/');
  const file = names.pop() ?? '';
  if ([...names, file].some((name) => ['', '.', '..'].includes(name) || name.includes('\0')))
    throw new Error(`'${path}' is no path below the directory of artifacts`);
  let directory = await open(root, O_RDONLY | O_DIRECTORY);
  for (const name of names) {
    await using last = directory;
    const next = await step(pathIn(last, name), makes);
    if (!next) return undefined;
    directory = next;
  }
  return { directory, path: pathIn(directory, file) };
}

/** Works with the place of a path, which is closed afterwards; undefined where there is no such place. */
export async function inPlace<T>(place: Place | undefined, work: (path: string) => Promise<T>): Promise<T | undefined> {
  if (!place) return undefined;
  try {
    return await work(place.path);
  } finally {
    await place.directory.close();
  }
}

function pathIn(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

async function step(path: string, makes: boolean): Promise<FileHandle | undefined> {
  const found = await openDirectory(path);
  if (found || !makes) return found;
  /* Another process may have made the directory since: that is no file to unlink. */
  await unlink(path).catch(unless('ENOENT', 'EISDIR', 'EPERM'));
  await mkdir(path).catch(unless('EEXIST'));
  const made = await openDirectory(path);
  await made?.chmod(DIRECTORY_MODE); /* whatever the umask */
  if (!made) throw new Error(`${path} is no directory`);
  return made;
}

/** Opens a directory; undefined if there is none, or something else, such as a link. */
async function openDirectory(path: string): Promise<FileHandle | undefined> {
  return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(unless('ENOENT', 'ENOTDIR', 'ELOOP'));
}

/** Makes a handler of rejections that lets errors with these codes pass as undefined. */
export function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
    return undefined;
  };
}
