import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '#domain/errors.ts';

/**
 * Kills what is in a control group, since only an empty one can go, and removes it; false if something is left. Where Linux
 * can (5.14) all ends in one step, whatever forks meanwhile; else one by one.
 */
export function endGroup(directory: string): boolean {
  const all = join(directory, 'cgroup.kill');
  try {
    if (existsSync(all)) writeFileSync(all, '1');
    else for (const pid of processesIn(directory)) kill(pid);
    rmdirSync(directory);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

function processesIn(directory: string): readonly number[] {
  return readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    return; /* it has ended by itself */
  }
}
