import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { Metrics } from '#control-plane/api/metrics.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, guarded } from '#control-plane/api/route.ts';

const read = guarded(['metrics', 'read'], {
  method: 'get',
  path: '/metrics',
  operationId: 'readMetrics',
  tags: ['health'],
  summary: 'Figures for Prometheus',
  responses: { 200: { description: 'its text format', content: { 'text/plain': { schema: z.string() } } } },
});

export function metricsRoutes(metrics: Metrics): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(read, async (context) => {
    const { name, confinedTo } = context.get('token');
    if (confinedTo)
      throw new Problem(
        'missing-scope',
        `token '${name}' is confined to packs and actions: the metrics tell of everything`,
      );
    return context.text(await metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  return routes;
}
