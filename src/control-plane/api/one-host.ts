import type { MiddlewareHandler } from 'hono';
import { Problem } from './problem.ts';

/**
 * Middleware that refuses a request with several `Host` headers, which reach us as one with commas between them: a proxy
 * may have looked at another one of them than we would.
 */
export const requireOneHost: MiddlewareHandler = async ({ req }, next) => {
  if (req.header('host')?.includes(',')) throw new Problem('invalid-request', 'a request has one Host header');
  await next();
};
