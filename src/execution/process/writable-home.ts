import { mkdtempSync, rmdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/** The home directory that the container names, where this process can write to it; undefined: there is none. */
export function writableHome(env: ProcessEnv): string | undefined {
  const home = env['HOME'];
  return home !== undefined && isAbsolute(home) && isWritable(home) ? home : undefined;
}

/** Tried, not read from modes: read-only mounts, user namespaces and security modules have their say too. */
export function isWritable(directory: string): boolean {
  try {
    rmdirSync(mkdtempSync(join(directory, 'attune-')));
    return true;
  } catch {
    return false;
  }
}
