import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { auditPage } from '#wire/audit.ts';

const list = guarded('admin', {
  method: 'get',
  path: '/audit',
  tags: ['audit'],
  summary: 'Who asked for which change, newest first',
  request: {
    query: z.object({
      before: z
        .string()
        .regex(/^\d{1,15}$/, 'expected a whole number')
        .optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: { 200: json(auditPage, 'a page; the next one with `before` the last id') },
});

export function auditRoutes({ store }: Pick<ApiDependencies, 'store'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => {
    const { before, limit } = context.req.valid('query');
    const entries = (await store.listAudit(before, limit)).map((one) => ({
      ...one,
      id: Number(one.id),
      token: one.token === undefined ? null : Number(one.token),
      address: one.address ?? null,
    }));
    return context.json({ entries }, 200);
  });
  return routes;
}
