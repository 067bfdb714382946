import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { pageOf } from '#control-plane/api/page-of.ts';
import { page, ref } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { tooManySecrets } from '#domain/secret-bounds.ts';
import { key, keyList, keyRequest } from '#wire/keys.ts';

const tags = ['keys'];

const create = guarded('admin', {
  method: 'post',
  path: '/keys',
  operationId: 'storeKey',
  tags,
  summary: 'Store a value, encrypted; it never comes back',
  request: { body: body(keyRequest) },
  responses: { 201: json(key, 'stored, in place of an older one of the same name and owner') },
});

const list = guarded('admin', {
  method: 'get',
  path: '/keys',
  operationId: 'listKeys',
  tags,
  summary: 'The names of all keys, page by page',
  request: { query: page },
  responses: { 200: json(keyList, 'without their values') },
});

const remove = guarded('admin', {
  method: 'delete',
  path: '/keys/{ref}',
  operationId: 'deleteKey',
  tags,
  summary: 'Delete a key',
  request: { params: ref },
  responses: { 204: { description: 'deleted' } },
});

export function keyRoutes({ store, settings }: Pick<ApiDependencies, 'store' | 'settings'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(create, async (context) => {
    if (!settings.hasCipher)
      throw new Problem('not-configured', 'keys cannot be encrypted: set ATTUNE__SECURITY__ENCRYPTION_KEY');
    const { name, owner_type: ownerType, owner, value } = context.req.valid('json');
    const tooMany = tooManySecrets([value]);
    if (tooMany !== undefined) throw new Problem('invalid-request', `value: ${tooMany}`);
    const made = [ownerType, owner, name].filter((one) => one !== undefined).join('.');
    await store.saveKey({ ref: made, ownerType, owner, name, value });
    context.set('subject', `key ${made}`);
    return context.json({ ref: made, name, owner_type: ownerType, owner: owner ?? null }, 201);
  });
  routes.openapi(list, async (context) => {
    const { members, next } = await pageOf(context.req.valid('query'), store.listKeys, (one) => one.ref);
    const keys = members.map((one) => ({
      ref: one.ref,
      name: one.name,
      owner_type: one.ownerType,
      owner: one.owner ?? null,
      updated: one.updated,
    }));
    return context.json({ keys, next_cursor: next }, 200);
  });
  routes.openapi(remove, async (context) => {
    const { ref: wanted } = context.req.valid('param');
    context.set('subject', `key ${wanted}`);
    if (!(await store.deleteKey(wanted))) throw new Problem('not-found', `there is no key '${wanted}'`);
    return context.body(null, 204);
  });
  return routes;
}
