import type { Clock } from '#domain/clock.ts';

/** Milliseconds between two looks at whether there is anything to do. */
const LOOK_MS = 3000;

interface Resting {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether the worker has begun to work, and runs nothing now. */
  isIdle(): boolean;
  /** The number of executions that it has taken so far. */
  taken(): number;
  /** Gives back memory that was needed for the start, or for what has run. */
  rest(): void;
}

/** Lets a process rest once after its start, and once after each time in which it had work, when nothing has come between two looks. */
export async function restWhenIdle({ clock, isIdle, taken, rest }: Resting, stop: AbortSignal): Promise<void> {
  let restedAfter: number | undefined;
  let idleAfter: number | undefined;
  while (!stop.aborted) {
    await clock.sleep(LOOK_MS, stop);
    const before = idleAfter;
    idleAfter = isIdle() ? taken() : undefined;
    if (stop.aborted || idleAfter === undefined || idleAfter !== before || idleAfter === restedAfter) continue;
    rest();
    restedAfter = idleAfter;
  }
}
