/** Processes, and the time of the processor that they have used, as /proc tells. */
import { readdirSync, readFileSync } from 'node:fs';

/** A process, the milliseconds of the processor that it has used itself, and those of its children that have ended. */
interface Stat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly own: number;
  readonly ended: number;
}

/** Reads what a process is; one that has ended has used nothing. */
export function statOf(pid: number): Stat {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields
      .slice(11, 15)
      .map((ticks) => Number(ticks) * 10);
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    return { pid, name, parent: Number(fields[1]), own: user + system, ended: endedUser + endedSystem };
  } catch {
    return { pid, name: '', parent: 0, own: 0, ended: 0 };
  }
}

/** Lists the processes that a process has started, and those that they have. */
export function statsBelow(top: number): readonly Stat[] {
  const stats = readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one))
    .map((pid) => statOf(Number(pid)));
  const parents = new Map(stats.map(({ pid, parent }) => [pid, parent]));
  const isBelow = ({ pid }: Stat): boolean => {
    for (let one = parents.get(pid) ?? 0; one > 1; one = parents.get(one) ?? 0) if (one === top) return true;
    return false;
  };
  return stats.filter(isBelow);
}

/** Adds up what processes have used, with what of their children has ended. */
export function sumOf(stats: readonly Stat[]): number {
  return stats.reduce((sum, { own, ended }) => sum + own + ended, 0);
}

/** The milliseconds of the processor that a process has used, with all that it has started. */
export function processorMs(pid: number): number {
  return sumOf([statOf(pid), ...statsBelow(pid)]);
}
