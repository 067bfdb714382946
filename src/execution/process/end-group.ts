import type { ProcessEnd, RunningProcess } from './start-process.ts';

/**
 * Ends a process group: SIGTERM, and SIGKILL to whatever is left after `graceMs` or at once when `hurry` aborts.
 * Resolves with the end of the leader.
 */
export async function endGroup(running: RunningProcess, graceMs: number, hurry?: AbortSignal): Promise<ProcessEnd> {
  running.signalGroup('SIGTERM');
  const kill = (): void => running.signalGroup('SIGKILL');
  const timer = setTimeout(kill, graceMs);
  hurry?.addEventListener('abort', kill);
  if (hurry?.aborted) kill();
  try {
    return await running.ended;
  } finally {
    clearTimeout(timer);
    hurry?.removeEventListener('abort', kill);
  }
}
