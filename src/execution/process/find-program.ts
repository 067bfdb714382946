import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

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
