import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AppEnv, createToken } from '#control-plane/api/auth.ts';
import { confinementOf, describeRights, isConfined } from '#control-plane/api/confinement.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { id } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import type { Scope, TokenView } from '#domain/admin-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { API_PATH } from '#wire/paths.ts';
import { confinementAsShown, createdToken, type Token, token, tokenList, tokenRequest } from '#wire/tokens.ts';

const tags = ['tokens'];

const list = guarded('admin', {
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  tags,
  summary: 'All tokens without their secrets, for some time also those that have expired or were revoked',
  responses: { 200: json(tokenList, 'by their ids') },
});

const create = guarded('admin', {
  method: 'post',
  path: '/tokens',
  operationId: 'createToken',
  tags,
  summary: 'Make a token; its secret is in this answer alone',
  request: { body: body(tokenRequest) },
  responses: { 201: json(createdToken, 'made') },
});

const read = guarded('admin', {
  method: 'get',
  path: '/tokens/{id}',
  operationId: 'findToken',
  tags,
  summary: 'One token without its secret',
  request: { params: id },
  responses: { 200: json(token, 'as it is now') },
});

const revoke = guarded('admin', {
  method: 'delete',
  path: '/tokens/{id}',
  operationId: 'revokeToken',
  tags,
  summary: 'Revoke a token, at once and for good',
  request: { params: id },
  responses: { 204: { description: 'revoked' } },
});

/** Routes with which an admin makes and revokes the tokens of the API. */
export function tokensRoutes({
  store,
  clock,
  packs: installed,
}: Pick<ApiDependencies, 'store' | 'clock' | 'packs'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => context.json({ tokens: (await store.listTokens()).map(describeToken) }, 200));
  routes.openapi(create, async (context) => {
    const { name, scopes, expires_at: expires, ...confinement } = context.req.valid('json');
    const expiresAt = expires === undefined ? undefined : Date.parse(expires);
    if (expiresAt !== undefined && expiresAt <= clock.now())
      throw new Problem('invalid-request', `expires_at: ${expires} is over already`);
    if (isConfined(confinement)) await installed.refresh();
    const confinedTo = await readConfinement(store, { ...confinement, scopes });
    const made = createToken(name, [...new Set(scopes)], expiresAt);
    const saved = await store.saveToken({ ...made.token, confinedTo });
    if (!saved)
      throw new Problem('name-taken', `there is a token '${name}' already: revoke it, or choose another name`);
    context.set('subject', `token ${saved.id} (${describeRights(saved)})`);
    context.header('cache-control', 'no-store');
    context.header('location', `${API_PATH}/tokens/${saved.id}`);
    return context.json({ ...describeToken(saved), token: made.secret }, 201);
  });
  routes.openapi(read, async (context) => {
    const { id: wanted } = context.req.valid('param');
    const found = (await store.listTokens()).find((one) => String(one.id) === wanted);
    if (!found) throw new Problem('not-found', `there is no token ${wanted}`);
    return context.json(describeToken(found), 200);
  });
  routes.openapi(revoke, async (context) => {
    const { id: wanted } = context.req.valid('param');
    context.set('subject', `token ${wanted}`);
    if (!(await store.revokeToken(wanted)))
      throw new Problem('not-found', `there is no token ${wanted} that could be revoked`);
    return context.body(null, 204);
  });
  return routes;
}

/** Throws a problem where a token cannot be confined so. */
async function readConfinement(
  store: ApiDependencies['store'],
  wanted: Parameters<typeof isConfined>[0] & { readonly scopes: readonly Scope[] },
): Promise<Confinement | undefined> {
  const read = await confinementOf(store, wanted);
  if (read.ok) return read.value;
  const { path, message } = read.error;
  throw new Problem('invalid-confinement', `${path}: ${message}`, { errors: [read.error] });
}

function describeToken({ id, name, scopes, created, expiresAt, revokedAt, lastUsedAt, confinedTo }: TokenView): Token {
  return {
    ...{ id, name, scopes: [...scopes], created },
    expires_at: expiresAt ?? null,
    revoked_at: revokedAt ?? null,
    last_used_at: lastUsedAt ?? null,
    ...confinementAsShown(confinedTo),
  };
}
