import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { id } from '#control-plane/api/parameters.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { executionId } from '#domain/ids.ts';
import { environmentList } from '#wire/environments.ts';
import { secretList } from '#wire/executions.ts';

const list = guarded('read', {
  method: 'get',
  path: '/environments',
  tags: ['environments'],
  summary: 'What workers have installed or compiled for packs, and why they could not',
  responses: { 200: json(environmentList, 'the thousand that changed last') },
});

const secrets = guarded('admin', {
  method: 'get',
  path: '/executions/{id}/secrets',
  tags: ['executions'],
  summary: 'The parts of a result that are kept encrypted',
  request: { params: id },
  responses: { 200: json(secretList, 'decrypted') },
});

export function environmentRoutes({ store }: Pick<ApiDependencies, 'store'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => {
    const environments = (await store.listEnvironments()).map((one) => ({
      key: one.key,
      pack_ref: one.packRef,
      runtime_ref: one.runtimeRef,
      status: one.status,
      install_error: one.installError ?? null,
      worker: one.worker ?? null,
      updated: one.updated,
    }));
    return context.json({ environments }, 200);
  });
  routes.openapi(secrets, async (context) => {
    const found = await store.readSecrets(executionId(context.req.valid('param').id));
    return context.json({ secrets: [...found] }, 200);
  });
  return routes;
}
