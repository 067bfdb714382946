import { codeOf } from '#domain/errors.ts';

/** Sends a signal to a process, or to a group (negative). One that is gone is no error. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
