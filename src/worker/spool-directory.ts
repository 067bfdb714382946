import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface SpoolPlace {
  readonly path: string;
  /** The id of the user of the agent, to whom its files belong; undefined where users have none. */
  readonly user: number | undefined;
}

/** The open directory of a spool. */
export interface SpoolDirectory {
  names(): readonly string[];
  /** Opens a regular file of this user that has no other name. Throws where there is anything else, a link too. */
  open(name: string, flags: number): number;
  /** Removes an entry; of a link, the link. */
  remove(name: string): void;
}

/** Does something with the directory at a path, whose entries are reached by its descriptor, whatever becomes of the path. */
export function inSpoolDirectory<T>({ path, user }: SpoolPlace, work: (directory: SpoolDirectory) => T): T {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const held = `/proc/self/fd/${descriptor}`;
  const at = existsSync(held) ? held : path;
  try {
    return work({
      names: () => readdirSync(at),
      open: (name, flags) => openOwnFile(join(at, name), { user, flags }),
      remove: (name) => unlinkSync(join(at, name)),
    });
  } finally {
    closeSync(descriptor);
  }
}

const PRIVATE = 0o600;

function openOwnFile(
  path: string,
  { user, flags }: { readonly user: number | undefined; readonly flags: number },
): number {
  /* A pipe is opened without waiting for its other end. */
  const file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, PRIVATE);
  const found = fstatSync(file);
  if (found.isFile() && found.uid === (user ?? found.uid) && found.nlink === 1) return file;
  closeSync(file);
  throw new Error(`${path} is no file of the agent alone, and is left as it is: remove it`);
}
