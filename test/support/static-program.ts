import { join } from 'node:path';
import { projectRoot } from './project.ts';

/** Makes a static file of a TypeScript program, by the way that the agent is made. Returns its path. */
export function staticProgram(entry: string, directory: string): string {
  const file = join(directory, 'program');
  const linker = ['bun', 'src/static-linker/main.ts', '--entry', entry, '--out', file];
  const { success, stderr } = Bun.spawnSync(linker, { cwd: projectRoot });
  if (!success) throw new Error(stderr.toString());
  return file;
}
