import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { createRoutes, json } from '#control-plane/api/route.ts';
import { messageOf } from '#domain/errors.ts';
import { health } from '#wire/server.ts';

const tags = ['health'];

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  tags,
  summary: 'This process answers; open to all',
  responses: { 200: json(health, 'alive') },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  tags,
  summary: 'The database can be written to, and the broker takes and delivers messages; open to all',
  responses: { 200: json(health, 'ready'), 503: json(health, 'not ready, with the reasons') },
});

export function healthRoutes({
  store,
  broker,
  settings,
}: Pick<ApiDependencies, 'store' | 'broker' | 'settings'>): OpenAPIHono<AppEnv> {
  const { version } = settings;
  const routes = createRoutes();
  routes.openapi(alive, (context) => context.json({ status: 'ok', version, problems: [] }, 200));
  routes.openapi(ready, async (context) => {
    const database = await store.checkWritable().then(() => undefined, messageOf);
    const problems = [database, broker.problem()].filter((one) => one !== undefined);
    return problems.length === 0
      ? context.json({ status: 'ok', version, problems }, 200)
      : context.json({ status: 'unavailable', version, problems }, 503);
  });
  return routes;
}
