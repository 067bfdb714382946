import { readFileSync } from 'node:fs';
import type { ProcessEnv } from '#domain/runtime.ts';
import type { Reach } from '#worker/fault-point.ts';

/**
 * A constant that is true only in files that are built for tests (static-linker/main.ts --faults); other files do not
 * contain the branch below.
 */
declare const ATTUNE_FAULTS: boolean | undefined;

/**
 * Reads the fault to be made: with `ATTUNE_FAULT=claimed:3` the process kills itself when it reaches the point
 * `claimed` for the third time.
 */
export function faultsFrom(env: ProcessEnv): Reach {
  if (typeof ATTUNE_FAULTS !== 'undefined' && ATTUNE_FAULTS) {
    const [point, count] = (env['ATTUNE_FAULT'] ?? '').split(':');
    let left = Number(count ?? 1);
    return (reached) => {
      if (reached === point && --left === 0) process.kill(process.pid, 'SIGKILL');
    };
  }
  return () => {};
}

/**
 * Shifts this process's wall clock by as many milliseconds as the file at `ATTUNE_FAULT_CLOCK` says at that moment, and by
 * none without it.
 */
export function bendClock(env: ProcessEnv): void {
  if (typeof ATTUNE_FAULTS !== 'undefined' && ATTUNE_FAULTS) {
    const path = env['ATTUNE_FAULT_CLOCK'];
    if (path === undefined) return;
    const straight = Date.now;
    Date.now = () => straight() + Number(readFileSync(path, 'utf8'));
  }
}
