import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { id } from '#control-plane/api/parameters.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { noExecution } from '#control-plane/api/seen.ts';
import { executionId } from '#domain/ids.ts';
import { environmentList } from '#wire/environments.ts';
import { secretList } from '#wire/executions.ts';

const list = guarded('read', {
  method: 'get',
  path: '/environments',
  operationId: 'listEnvironments',
  tags: ['environments'],
  summary: 'What workers have installed or compiled for packs, and why they could not',
  responses: { 200: json(environmentList, 'the thousand that changed last') },
});

const secrets = guarded('admin', {
  method: 'get',
  path: '/executions/{id}/secrets',
  operationId: 'revealSecrets',
  tags: ['executions'],
  summary: 'The parts of a result that are kept encrypted, and the parameters as they were given',
  request: { params: id },
  responses: { 200: json(secretList, 'decrypted') },
});

export function environmentRoutes({ store }: Pick<ApiDependencies, 'store'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => {
    const environments = (await store.listEnvironments(context.get('token').confinedTo)).map((one) => ({
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
    const execution = executionId(context.req.valid('param').id);
    const request = await store.readRequest(execution);
    if (!request) throw noExecution(execution);
    context.set('subject', `execution ${execution}`);
    context.header('cache-control', 'no-store');
    const found = await store.readSecrets(execution);
    return context.json({ secrets: [...found], parameters: request.unmasked ?? request.parameters }, 200);
  });
  return routes;
}
