import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { failure, type Result, success } from '#domain/result.ts';

export interface LocatedScript {
  readonly file: string;
  /** The directory of the pack. */
  readonly directory: string;
}

/**
 * Locates the script of an action in a pack of this machine; undefined if the pack is not here. The error says what is
 * wrong.
 */
export function locateScript(
  packsDirectory: string,
  packRef: string,
  entryPoint: string,
): Result<LocatedScript | undefined, string> {
  const root = resolve(packsDirectory);
  const directory = join(root, packRef);
  if (packRef.includes('/') || !isInside(root, directory)) return failure(`'${packRef}' is no name of a pack`);
  if (!existsSync(directory)) return success(undefined);
  return locateIn(followPackLink(directory), packRef, entryPoint);
}

/** Finds the script of an entry point in a pack whose directory is known. */
export function locateIn(directory: string, packRef: string, entryPoint: string): Result<LocatedScript, string> {
  const file = resolve(directory, 'actions', entryPoint);
  return isInside(directory, file)
    ? success({ file, directory })
    : failure(`its entry point '${entryPoint}' leads out of pack ${packRef}`);
}

/** Tells whether a path is inside a directory; a link inside the directory must not lead out of it either. */
export function isInside(directory: string, path: string): boolean {
  const isThere = existsSync(path);
  const real = isThere ? realpathSync(path) : path;
  const root = isThere ? realpathSync(directory) : directory;
  const way = relative(root, real);
  /* A name may begin with two dots, as those of Kubernetes in its volumes do. */
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/**
 * The directory that a link of an installed pack leads to now, so that an execution stays in one version; any other
 * directory itself.
 */
export function followPackLink(directory: string): string {
  return lstatSync(directory).isSymbolicLink() ? realpathSync(directory) : directory;
}
