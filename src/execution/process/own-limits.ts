import { readFileSync } from 'node:fs';
import { codeOf } from '#domain/errors.ts';

const LOOK_MS = 1000;

/**
 * Looks now and then whether the limits of this process are those with which it was started. Another process of its user
 * can change them (prlimit), and with too few open files nothing works, nor says why. Calls `onChange` once, with what
 * has changed, until disposed. Without /proc it sees nothing.
 */
export function watchOwnLimits(onChange: (what: string) => void): Disposable {
  const before = readLimits();
  const stop = (): void => clearInterval(timer);
  const timer = setInterval(() => {
    const what = before.size === 0 ? undefined : describeChange(before, readLimits());
    if (what === undefined) return;
    stop();
    onChange(what);
  }, LOOK_MS).unref();
  return { [Symbol.dispose]: stop };
}

type Limits = ReadonlyMap<string, string>;

/** Each line of /proc/self/limits, by its name. */
function readLimits(): Limits {
  try {
    const [, ...lines] = readFileSync('/proc/self/limits', 'utf8').trim().split('\n');
    return new Map(lines.map((line) => [line.slice(0, 26).trim(), line.slice(26).trim().replace(/\s+/g, ' ')]));
  } catch (error) {
    return codeOf(error) === 'EMFILE' ? new Map([['Max open files', 'too few to look']]) : new Map();
  }
}

function describeChange(before: Limits, now: Limits): string | undefined {
  for (const [name, value] of now) {
    const old = before.get(name);
    if (old !== undefined && old !== value) return `${name}: ${old} is now ${value}`;
  }
  return undefined;
}
