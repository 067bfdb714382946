import type { RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { nearest } from '#domain/nearest.ts';
import { Problem } from './problem.ts';

/** Middleware of a route that refuses parameters of the query which the route does not have, such as misspelled ones. */
export function knownQuery({ request }: Pick<RouteConfig, 'request'>): MiddlewareHandler {
  const query = request?.query;
  const names = query && 'shape' in query ? Object.keys(query.shape as object) : [];
  return async ({ req }, next) => {
    for (const name of new URL(req.url).searchParams.keys()) {
      if (names.includes(name)) continue;
      const near = nearest(name, names);
      const known = names.length === 0 ? 'there are none here' : `known: ${names.join(', ')}`;
      throw new Problem(
        'invalid-request',
        `query: there is no parameter '${name}'${near ? `, did you mean '${near}'?` : ` (${known})`}`,
      );
    }
    await next();
  };
}
