/** A shell script that leaves processes wherever they can hide, and notes the number of each in a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, until } from './until.ts';

export interface Litter {
  /** Starts a child, a child in a session of its own, and an orphan that ignores SIGTERM and SIGHUP; then waits. */
  readonly script: string;
  /** The numbers of all, once they are there. */
  pids(): Promise<readonly number[]>;
}

const COUNT = 4;

export function litterIn(directory: string): Litter {
  const file = join(directory, 'litter');
  const note = `echo $$ >>${file}; exec sleep 1000`;
  const lines = [
    `sh -c '${note}' &`,
    `setsid sh -c '${note}' >/dev/null 2>&1 &`,
    `(setsid sh -c 'trap "" TERM HUP; ${note}' </dev/null >/dev/null 2>&1 &)`,
    `echo $$ >>${file}`,
    'wait',
  ];
  const read = (): readonly number[] => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n').map(Number);
    } catch {
      return [];
    }
  };
  return {
    script: lines.join('\n'),
    pids: async () => {
      await until('all of the litter is there', () => read().length === COUNT);
      return read();
    },
  };
}

/** Waits until no process of these is left. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(`none of ${pids.join(', ')} is left`, () => !pids.some(isAlive));
}

/** The processes below one, however deep, by Linux's own list. */
export function descendantsOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
