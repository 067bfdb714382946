import { mkdtempSync, rmdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/** The home directory that the container names, if this process can write to it, else undefined. */
export function writableHome(env: ProcessEnv): string | undefined {
  const home = env['HOME'];
  return home !== undefined && isAbsolute(home) && isWritable(home) ? home : undefined;
}

/**
 * Tries whether this process can write to a directory. Its mode does not tell: read-only mounts, user namespaces and
 * security modules have their say too.
 */
export function isWritable(directory: string): boolean {
  try {
    rmdirSync(mkdtempSync(join(directory, 'attune-')));
    return true;
  } catch {
    return false;
  }
}
