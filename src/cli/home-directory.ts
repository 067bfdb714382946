import { homedir } from 'node:os';
import type { ProcessEnv } from '#domain/runtime.ts';

/** The home directory of this user; the root directory, as in Docker, for one whom neither HOME nor /etc/passwd gives any. */
export function homeDirectory(env: ProcessEnv): string {
  if (env['HOME']) return env['HOME'];
  try {
    return homedir();
  } catch {
    return '/';
  }
}
