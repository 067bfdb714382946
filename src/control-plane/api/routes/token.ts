import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { knownQuery } from '#control-plane/api/known-query.ts';
import { createRoutes, failures, json } from '#control-plane/api/route.ts';
import { tokenInfo } from '#wire/server.ts';
import { confinementAsShown } from '#wire/tokens.ts';

const read = createRoute({
  method: 'get',
  path: '/token',
  operationId: 'readToken',
  tags: ['health'],
  summary: 'The name and the scopes of the token of this request, and what it is confined to; any token will do',
  middleware: knownQuery({}),
  security: [{ bearer: [] }],
  responses: { 200: json(tokenInfo, 'as it is now'), default: failures },
});

export function tokenRoutes(): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(read, (context) => {
    const { name, scopes, confinedTo } = context.get('token');
    return context.json({ name, scopes: [...scopes], ...confinementAsShown(confinedTo) }, 200);
  });
  return routes;
}
