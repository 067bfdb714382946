import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/** Where --standalone keeps everything unless told otherwise. */
export function defaultDataDirectory(env: ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'attune-agent');
}
