import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { DetailedLogger } from '#domain/logger.ts';
import type { AppEnv } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer } from './own-metrics.ts';

const TOKEN = /att_[\w-]+/g;

/**
 * Middleware that counts each answer, and logs it at the level debug: who asked for what, and what came of it. The query
 * and the headers of a request are never logged, and neither is a token that stands in its path.
 */
export function noteAnswers(
  { clock, logger }: Pick<ApiDependencies, 'clock'> & { readonly logger: Pick<DetailedLogger, 'debug'> },
  answered: (answer: Answer) => void,
): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const since = clock.monotonic();
    await next();
    const { method } = context.req;
    const { status } = context.res;
    const ms = clock.monotonic() - since;
    answered({ method, route: routeOf(context), status, seconds: ms / 1000 });
    logger.debug('request', {
      method,
      path: withoutTokens(context.req.path),
      status,
      duration_ms: Math.round(ms),
      request_id: withoutTokens(context.get('requestId')),
      token: (context.get('token') as { readonly name: string } | undefined)?.name,
      address: context.env.address,
    });
  };
}

/** A text without the tokens of the API that stand in it. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, 'att_***');
}

/** What stands for a path and a method that have no route. */
export const NO_ROUTE = 'none';

/** The pattern of the route that a request was for, of which there are not many; `none` where there is no such route. */
export function routeOf(context: Context): string {
  return matchedRoutes(context).findLast(({ path }) => !path.includes('*'))?.path ?? NO_ROUTE;
}
