import { EXIT } from '#cli/exit-codes.ts';
import type { Config } from '#config/schema.ts';
import { whenAborted } from '#domain/abort.ts';
import type { Clock } from '#domain/clock.ts';
import type { Stop } from './stop-on-signals.ts';

/** Milliseconds that a process has after the second signal: it says its last words in one of them. */
const AT_ONCE_MS = 2000;
/** A server that has drained has nothing to finish: whatever it was at is done by another one, or again. */
export const SERVER_LEAVES_WITHIN_MS = 4000;
/** The least time to leave, however short shutdown_timeout is. */
const LEAST_MS = 1000;

/** The two deadlines that follow from worker.shutdown_timeout, in milliseconds from the first signal. */
export interface Deadlines {
  /** What runs has ended by then, and the worker has left politely, as far as anybody answers it. */
  readonly drainMs: number;
  /** The process is gone by then, whatever hangs. */
  readonly leaveMs: number;
}

export function deadlinesOf({ worker }: Pick<Config, 'worker'>): Deadlines {
  const ms = worker.shutdown_timeout * 1000;
  return { drainMs: ms - Math.min(2000, ms / 6), leaveMs: Math.max(ms - Math.min(1000, ms / 12), LEAST_MS) };
}

interface LeavingOptions {
  /** Milliseconds from the first signal. */
  readonly withinMs: number;
  readonly clock: Clock;
}

/**
 * Waits for the work of a process, which the signal to stop ends, but not for longer than it may take to leave: a call
 * to a server that does not answer, a dial or a goodbye keeps nobody. Resolves with the exit code, after which the
 * process exits.
 */
export async function leaveInTime(
  work: Promise<number>,
  stop: Pick<Stop, 'cancel' | 'killNow' | 'exitCode'>,
  { withinMs, clock }: LeavingOptions,
): Promise<number> {
  const late = async (): Promise<number> => {
    await whenAborted(stop.cancel);
    await clock.sleep(withinMs, stop.killNow);
    if (!stop.killNow.aborted) return EXIT.success;
    await clock.sleep(AT_ONCE_MS);
    return stop.exitCode() ?? EXIT.terminated;
  };
  return await Promise.race([work, late()]);
}
