import type { MiddlewareHandler } from 'hono';
import { shareTurns } from '#domain/turns.ts';

/** Requests that begin in one turn of the event loop: each takes a tenth of a millisecond until it waits for the database. */
export const REQUESTS_A_TURN = 50;

/**
 * Middleware that lets so many requests begin in one turn of the event loop; the others wait, in order. A thousand that come
 * at once, as when a server has started and all workers come back to it, would otherwise be begun in one step.
 */
export function beginInTurns(): MiddlewareHandler {
  const mayBegin = shareTurns(REQUESTS_A_TURN);
  return async (_, next) => {
    await mayBegin(1);
    await next();
  };
}
