import { existsSync, readFileSync } from 'node:fs';

const DEADLINE_MS = 60_000;
const PAUSE_MS = 5;

/** Waits for a condition, looking every few milliseconds; throws with `what` when `deadlineMs` has passed. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  await poll({ what, ask: condition, accepts: (isTrue) => isTrue, deadlineMs });
}

/** Asks again and again until `accepts` takes the answer, and returns that answer. Throws with `what` after a minute. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  accepts: (answer: Answer) => boolean,
): Promise<Answer> {
  return await poll({ what, ask, accepts, deadlineMs: DEADLINE_MS });
}

interface Poll<Answer> {
  readonly what: string;
  readonly deadlineMs: number;
  ask(): Answer | Promise<Answer>;
  accepts(answer: Answer): boolean;
}

async function poll<Answer>({ what, ask, accepts, deadlineMs }: Poll<Answer>): Promise<Answer> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (accepts(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`not within ${deadlineMs} ms: ${what}; the last answer was ${Bun.inspect(answer)}`);
    await Bun.sleep(PAUSE_MS);
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
