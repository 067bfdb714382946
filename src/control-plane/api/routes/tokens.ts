import type { OpenAPIHono } from '@hono/zod-openapi';
import { type AppEnv, createToken } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { id } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { body, createRoutes, guarded, json } from '#control-plane/api/route.ts';
import type { TokenView } from '#domain/admin-store.ts';
import { createdToken, type Token, tokenList, tokenRequest } from '#wire/tokens.ts';

const tags = ['tokens'];

const list = guarded('admin', {
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  tags,
  summary: 'All tokens that there ever were, without their secrets',
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
export function tokensRoutes({ store, clock }: Pick<ApiDependencies, 'store' | 'clock'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  routes.openapi(list, async (context) => context.json({ tokens: (await store.listTokens()).map(describeToken) }, 200));
  routes.openapi(create, async (context) => {
    const { name, scopes, expires_at: expires } = context.req.valid('json');
    const expiresAt = expires === undefined ? undefined : Date.parse(expires);
    if (expiresAt !== undefined && expiresAt <= clock.now())
      throw new Problem('invalid-request', `expires_at: ${expires} is over already`);
    const { secret, token } = createToken(name, [...new Set(scopes)], expiresAt);
    const saved = await store.saveToken(token);
    if (!saved)
      throw new Problem('name-taken', `there is a token '${name}' already: revoke it, or choose another name`);
    context.set('subject', `token ${saved.id} (${saved.scopes.join(',')})`);
    context.header('cache-control', 'no-store');
    return context.json({ ...describeToken(saved), token: secret }, 201);
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

function describeToken({ id, name, scopes, created, expiresAt, revokedAt, lastUsedAt }: TokenView): Token {
  return {
    ...{ id, name, scopes: [...scopes], created },
    expires_at: expiresAt ?? null,
    revoked_at: revokedAt ?? null,
    last_used_at: lastUsedAt ?? null,
  };
}
