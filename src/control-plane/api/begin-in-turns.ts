import { shareTurns, type Turn } from '#domain/turns.ts';

/** Requests that begin in one turn of the event loop: each takes some tenths of a millisecond until it waits for the database. */
export const REQUESTS_A_TURN = 25;

/**
 * Makes a function that each request awaits before it begins: so many begin in one turn of the event loop, the others wait, in
 * order. A thousand that come at once, as when a server has started and all workers come back to it, would otherwise be
 * begun in one step.
 */
export function beginInTurns(): Turn {
  const mayBegin = shareTurns(REQUESTS_A_TURN);
  return () => mayBegin(1);
}
