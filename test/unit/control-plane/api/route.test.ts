import { expect, test } from 'bun:test';
import { createRoute, z } from '@hono/zod-openapi';
import { body, createRoutes } from '#control-plane/api/route.ts';

const schema = z.object({
  count: z.int().min(1),
  name: z.string().min(1),
  kind: z.enum(['this', 'that']),
  ref: z.string().regex(/^[a-z]+$/, 'small letters only'),
});

test('a request that does not fit is refused with what was given and what is allowed', async () => {
  const routes = createRoutes();
  routes.onError((error, context) => context.text(error.message));
  const request = { query: z.object({ limit: z.coerce.number() }), body: body(schema) };
  const route = createRoute({ method: 'post', path: '/', request, responses: { 200: { description: 'done' } } });
  routes.openapi(route, (context) => context.text('done'));
  const ask = async (query: string, given: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    return await (await routes.request(`/?${query}`, { method: 'POST', headers, body: JSON.stringify(given) })).text();
  };
  expect(await ask('limit=abc', {})).toBe("limit: expected a number, not 'abc'");
  expect(await ask('limit=1', { count: 0, name: '', kind: 'thatt', ref: 'A' })).toBe(
    "count: expected at least 1, not 0; name: expected at least 1 character, not 0; kind: 'thatt' is none of this, that; did you mean that?; ref: small letters only",
  );
});
