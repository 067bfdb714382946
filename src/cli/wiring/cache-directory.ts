import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeDirectory } from '#cli/home-directory.ts';
import type { ProcessEnv } from '#domain/runtime.ts';

/**
 * The directory in which a server keeps the compressed agents that it hands out: the usual cache directory of the user,
 * else one for temporary files, since a container may be read-only, and its user without a home. Nobody else can have put
 * anything into it: what this user alone does not own is passed over, at last for a directory of a new name.
 */
export function cacheDirectory(env: ProcessEnv): string {
  const uid = process.getuid?.() ?? 0;
  const usual = join(env['XDG_CACHE_HOME'] ?? join(homeDirectory(env), '.cache'), 'attune-agent');
  const found = [usual, join(tmpdir(), `attune-agent-${uid}`)].find((directory) => isOurs(directory, uid));
  return found ?? mkdtempSync(join(tmpdir(), `attune-agent-${uid}-`));
}

function isOurs(directory: string, uid: number): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
    const stat = lstatSync(directory);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
