import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { HonoRequest } from 'hono';
import type { AppEnv } from '#control-plane/api/auth.ts';
import { bodyKindOf } from '#control-plane/api/content-types.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { ref } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import type { InstalledPacks } from '#packs/installed-packs.ts';
import type { LoadedPack } from '#packs/load-action.ts';
import { packName } from '#packs/pack-schemas.ts';
import { packWithActions } from '#wire/packs.ts';
import { API_PATH } from '#wire/paths.ts';
import { describePack } from './packs.ts';

const tags = ['packs'];

const register = guarded('admin', {
  method: 'post',
  path: '/packs',
  operationId: 'registerPack',
  tags,
  summary: 'Register a pack: a tar.gz, or a directory of the server',
  request: {
    body: {
      required: true,
      content: {
        'application/gzip': { schema: z.string().meta({ format: 'binary' }) },
        'application/json': {
          schema: z.object({ directory: z.string().meta({ pattern: '^/', example: '/srv/packs/mail' }) }),
        },
      },
    },
  },
  responses: { 201: json(packWithActions, 'registered, in place of an older one') },
});

const rollback = guarded('admin', {
  method: 'post',
  path: '/packs/{ref}/rollback',
  operationId: 'rollbackPack',
  tags,
  summary: 'Make the version before the current one of an installed pack the current one',
  request: { params: ref },
  responses: { 200: json(packWithActions, 'as it is registered now') },
});

const remove = guarded('admin', {
  method: 'delete',
  path: '/packs/{ref}',
  operationId: 'removePack',
  tags,
  summary: 'Remove an installed pack with its actions and keys; executions stay',
  request: { params: ref },
  responses: { 204: { description: 'removed' } },
});

/** Routes that change which packs are installed. */
export function installPackRoutes({
  store,
  relay,
  packs: { installed, checksum },
}: Pick<ApiDependencies, 'store' | 'relay' | 'packs'>): OpenAPIHono<AppEnv> {
  const routes = createRoutes();
  const save = async (loaded: LoadedPack): Promise<void> => {
    const { messages } = await store.savePack({
      ...loaded,
      checksum: await checksum(loaded.pack.directory, loaded.stamp),
    });
    relay.publish(messages);
  };
  /* Not by `openapi`: its validator would read the whole archive into memory. */
  const { middleware: guards, ...described } = register;
  routes.openAPIRegistry.registerPath(described);
  routes.post('/packs', ...guards, async (context) => {
    const received = await receive(installed, context.req);
    await save(received);
    context.set('subject', `pack ${received.pack.ref}`);
    context.header('location', `${API_PATH}/packs/${received.pack.ref}`);
    return context.json(await describePack(store, received.pack.ref), 201);
  });
  routes.openapi(rollback, async (context) => {
    const { ref: wanted } = context.req.valid('param');
    context.set('subject', `pack ${wanted}`);
    if (!packName.safeParse(wanted).success) throw new Problem('not-found', `there is no pack '${wanted}'`);
    context.set('subject', `pack ${wanted}`);
    const restored = await installed.rollback(wanted);
    if (!restored.ok) throw new Problem('no-earlier-version', restored.error);
    await save(restored.value);
    return context.json(await describePack(store, wanted), 200);
  });
  routes.openapi(remove, async (context) => {
    const { ref: wanted } = context.req.valid('param');
    context.set('subject', `pack ${wanted}`);
    if (!packName.safeParse(wanted).success) throw new Problem('not-found', `there is no pack '${wanted}'`);
    context.set('subject', `pack ${wanted}`);
    const removed = await installed.remove(wanted);
    /* What this server has no files of may still be registered, by one that has gone. */
    const isKnown = await store.findPack(wanted);
    if (!removed.ok && isKnown && existsSync(isKnown.directory)) throw new Problem('invalid-pack', removed.error);
    if (!(await store.deletePack(wanted)) && !removed.ok) throw new Problem('not-found', removed.error);
    return context.body(null, 204);
  });
  return routes;
}

async function receive(packs: InstalledPacks, request: HonoRequest): Promise<LoadedPack> {
  const installed =
    bodyKindOf(request) === 'archive'
      ? await packs.install(request.raw.body ?? new Blob([]).stream())
      : await packs.installDirectory(await directoryOf(request));
  if (!installed.ok) throw new Problem('invalid-pack', `the pack was not installed: ${installed.error}`);
  return installed.value;
}

async function directoryOf(request: HonoRequest): Promise<string> {
  const parsed = z.strictObject({ directory: z.string() }).safeParse(await request.json().catch(() => undefined));
  if (parsed.success && isAbsolute(parsed.data.directory)) return parsed.data.directory;
  throw new Problem(
    'invalid-request',
    'expected a tar.gz as application/gzip, or {"directory": "/an/absolute/path/of/the/server"} as application/json',
  );
}
