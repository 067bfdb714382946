import { readFileSync } from 'node:fs';

/** Whether SIGSTOP or the like has stopped a process. False when it is gone, or where /proc is not mounted. */
export function isProcessStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.startsWith(' T ', stat.lastIndexOf(')') + 1);
  } catch {
    return false;
  }
}
