import { startTimer } from '#domain/timer.ts';
import type { RunningProcess } from './running-process.ts';

/** The usual milliseconds between SIGTERM and SIGKILL. */
export const GRACE_MS = 5000;

/**
 * Ends a process group: SIGTERM, and SIGKILL to whatever is left after `graceMs` or at once when `killNow` aborts.
 * Resolves when the leader has ended.
 */
export async function endGroup(running: RunningProcess, graceMs: number, killNow?: AbortSignal): Promise<void> {
  running.signalGroup('SIGTERM');
  const kill = (): void => running.signalGroup('SIGKILL');
  const timer = startTimer(graceMs, kill);
  killNow?.addEventListener('abort', kill);
  if (killNow?.aborted) kill();
  try {
    await running.ended;
  } finally {
    timer.stop();
    killNow?.removeEventListener('abort', kill);
  }
}
