import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { auditPage, auditQuery } from '#wire/audit.ts';

const list = guarded('admin', {
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  tags: ['audit'],
  summary: 'Who asked for which change, newest first',
  request: {
    query: auditQuery,
  },
  responses: { 200: json(auditPage, 'a page; the next one with `before` the last id') },
});

export function auditRoutes({ store }: Pick<ApiDependencies, 'store'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => {
    const { before, actor, limit } = context.req.valid('query');
    const entries = (await store.listAudit({ before, actor }, limit)).map((one) => ({
      ...one,
      id: Number(one.id),
      token: one.token === undefined ? null : Number(one.token),
      address: one.address ?? null,
    }));
    return context.json({ entries }, 200);
  });
  return routes;
}
