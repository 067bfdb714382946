import { existsSync, readFileSync } from 'node:fs';

/** Waits for a condition, looking every few milliseconds; throws with `what` when `deadlineMs` has passed. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await Bun.sleep(5);
  }
}

/** Whether a process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The number that a program writes into a file, followed by a newline. */
export async function pidFrom(path: string): Promise<number> {
  const read = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  await until(`${path} is written`, () => read().endsWith('\n'));
  return Number(read());
}
