import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { knownQuery } from '#control-plane/api/known-query.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, failures, json } from '#control-plane/api/route.ts';
import { loggedOut, tokenInfo } from '#wire/server.ts';
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

const revoke = createRoute({
  method: 'delete',
  path: '/token',
  operationId: 'revokeOwnToken',
  tags: ['tokens'],
  summary: 'Log out: revoke the token of this request, at once and for good; any token that was made will do',
  middleware: knownQuery({}),
  security: [{ bearer: [] }],
  responses: { 200: json(loggedOut, 'revoked'), default: failures },
});

export function tokenRoutes({
  store,
  login,
  settings,
}: Pick<ApiDependencies, 'store' | 'login' | 'settings'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(revoke, async (context) => {
    const { id, name } = context.get('token');
    context.set('subject', `token ${id ?? name}`);
    if (id === undefined || !(await store.revokeToken(id)))
      throw new Problem('not-found', `${name} has no token that could be revoked`);
    const back = settings.publicUrl();
    const end = back === undefined ? undefined : await login?.provider.endOf(`${back.replace(/\/$/, '')}/`);
    return context.json({ end_session_url: end ?? null }, 200);
  });
  routes.openapi(read, (context) => {
    const { name, scopes, confinedTo } = context.get('token');
    return context.json({ name, scopes: [...scopes], ...confinementAsShown(confinedTo) }, 200);
  });
  return routes;
}
