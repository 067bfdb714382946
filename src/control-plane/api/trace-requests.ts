import type { MiddlewareHandler } from 'hono';
import type { Tracer } from '#domain/tracing.ts';
import { API_PATH } from '#wire/paths.ts';
import type { AppEnv } from './auth.ts';
import { routeOf, withoutTokens } from './note-answers.ts';

/**
 * Middleware that makes each request of a client a span, which goes on with the trace of who sent it. Those of workers
 * come all the time, and are none.
 */
export function traceRequests(tracer: Tracer): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const { method, path } = context.req;
    if (path.startsWith(`${API_PATH}/worker/`)) return await next();
    const route = routeOf(context);
    const span = tracer.begin(`${method} ${route}`, {
      parent: context.req.header('traceparent'),
      kind: 'server',
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'url.path': withoutTokens(path),
        'attune.request_id': withoutTokens(context.get('requestId')),
      },
    });
    context.set('traceparent', span.traceparent);
    await next();
    const { status } = context.res;
    span.end({
      attributes: { 'http.response.status_code': status, 'attune.subject': context.get('subject') },
      error: status < 500 ? undefined : `status ${status}`,
    });
  };
}
