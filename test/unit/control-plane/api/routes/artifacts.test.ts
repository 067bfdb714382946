import { expect, test } from 'bun:test';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { artifactRoutes } from '#control-plane/api/routes/artifacts.ts';
import { countTurns, many } from '#test/support/count-turns.ts';

test('of many uploads that come at once some begin in each turn, and all are kept', async () => {
  using turns = countTurns();
  const kept: string[] = [];
  const app = new OpenAPIHono<AppEnv>();
  app.use(async (context, next) => {
    context.set('token', { id: '1', name: 'admin', scopes: ['admin'] });
    await next();
  });
  const put = async (path: string, bytes: ReadableStream<Uint8Array>): Promise<void> => {
    kept.push(`${path} ${await new Response(bytes).text()}`);
  };
  const deps = { store: {}, files: { artifacts: { put } }, settings: { maxArtifactBytes: 100 } };
  app.route('/', artifactRoutes(deps as never));
  const upload = async (name: number): Promise<number> => {
    let hasBegun = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (!hasBegun) turns.note();
          hasBegun = true;
          controller.enqueue(Buffer.from('x'));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { 'content-type': 'application/octet-stream' };
    return (await app.request(`/worker/artifacts?path=1/1/${name}`, { method: 'PUT', body, headers })).status;
  };
  let name = 0;
  const answers = await many(40, () => upload(name++));
  expect(new Set(answers)).toEqual(new Set([204]));
  expect(Math.max(...turns.ofTurns())).toBe(10);
  expect(kept.toSorted()).toEqual(Array.from({ length: 40 }, (_, at) => `1/1/${at} x`).toSorted());
});
