import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_PATH } from '#domain/runtime.ts';

/** Finds the first executable file of that name; undefined if there is none. */
export function findProgram(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Finds a program on the PATH of the agent itself, else in the usual places. Shims are none: they stand for others. */
export function findOnPath(name: string): string | undefined {
  const found = Bun.which(name);
  return found === null || dirname(found).endsWith('/shims') ? findProgram(name, DEFAULT_PATH.split(':')) : found;
}
