import { readFileSync } from 'node:fs';
import { codeOf } from '#domain/errors.ts';

const LOOK_MS = 1000;

/** What another process has changed of this one: its limits, or how the kernel schedules it. */
export interface OwnChange {
  readonly of: 'limits' | 'scheduling';
  /** The name of what has changed, its value before and its value now. */
  readonly what: string;
}

/**
 * Looks now and then whether the limits of this process, its priority and its processors are those with which it was
 * started. Another process of its user can change them (prlimit, renice, chrt, taskset), and all programs that this
 * process starts get them: with too few open files nothing works, nor says why. Calls `onChange` for each change, until
 * disposed. Without /proc it sees nothing.
 */
export function watchOwnLimits(onChange: (change: OwnChange) => void): Disposable {
  const seen = { limits: readLimits(), scheduling: readScheduling() };
  const look = <Of extends OwnChange['of']>(of: Of, now: Values): void => {
    const what = describeChange(seen[of], now);
    if (what === undefined) return;
    seen[of] = now;
    onChange({ of, what });
  };
  const timer = setInterval(() => {
    look('limits', readLimits());
    look('scheduling', readScheduling());
  }, LOOK_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

type Values = ReadonlyMap<string, string>;

/** Each line of /proc/self/limits, by its name. */
function readLimits(): Values {
  try {
    const [, ...lines] = readFileSync('/proc/self/limits', 'utf8').trim().split('\n');
    return new Map(lines.map((line) => [line.slice(0, 26).trim(), line.slice(26).trim().replace(/\s+/g, ' ')]));
  } catch (error) {
    return codeOf(error) === 'EMFILE' ? new Map([['Max open files', 'too few to look']]) : new Map();
  }
}

/** Where /proc/self/stat has them, counted from the state, which is the first field after the name. */
const FIELDS = { priority: 16, 'real-time priority': 37, policy: 38 } as const;

function readScheduling(): Values {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const processors = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    const values = Object.entries(FIELDS).map(([name, at]): [string, string] => [name, fields[at] ?? '']);
    return new Map([...values, ['processors', processors]]);
  } catch {
    return new Map();
  }
}

function describeChange(before: Values, now: Values): string | undefined {
  for (const [name, value] of now) {
    const old = before.get(name);
    if (old !== undefined && old !== value) return `${name}: ${old} is now ${value}`;
  }
  return undefined;
}
