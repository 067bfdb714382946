import type { Clock } from './clock.ts';

const FIRST_MS = 100;

/**
 * The milliseconds before try `attempt` + 1: 0.1, 0.2, 0.4 … seconds up to `longestMs`, each shortened by up to half,
 * so that a thousand callers do not come back at once.
 */
export function backoffMs(attempt: number, longestMs: number, clock: Pick<Clock, 'random'>): number {
  return Math.min(longestMs, FIRST_MS * 2 ** Math.min(attempt, 10)) * (1 - clock.random() / 2);
}
