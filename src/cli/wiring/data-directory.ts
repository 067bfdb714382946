import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnv } from '#domain/runtime.ts';

/** The directory in which --standalone keeps its data unless `data_dir` names another. */
export function defaultDataDirectory(env: ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'attune-agent');
}
