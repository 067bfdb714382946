import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { knownQuery } from '#control-plane/api/known-query.ts';
import { createRoutes, json } from '#control-plane/api/route.ts';
import type { FindTroubles } from '#control-plane/api/troubles.ts';
import { health } from '#wire/server.ts';

const tags = ['health'];

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'isAlive',
  tags,
  middleware: knownQuery({}),
  summary: 'This process answers; open to all',
  responses: { 200: json(health, 'alive') },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'isReady',
  tags,
  middleware: knownQuery({}),
  summary: 'The database and the place of artifacts can be written to, and the broker works; open to all',
  responses: { 200: json(health, 'ready'), 503: json(health, 'not ready, with the reasons') },
});

export function healthRoutes(
  { settings: { version } }: Pick<ApiDependencies, 'settings'>,
  findTroubles: FindTroubles,
): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(alive, (context) => context.json({ status: 'ok', version, problems: [], words: [] }, 200));
  routes.openapi(ready, async (context) => {
    const troubles = await findTroubles();
    const said = { version, problems: troubles.map((one) => one.why), words: troubles.map((one) => one.word) };
    return troubles.length === 0
      ? context.json({ status: 'ok', ...said }, 200)
      : context.json({ status: 'unavailable', ...said }, 503);
  });
  return routes;
}
