import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { AppEnv } from '#control-plane/api/auth.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { describeAction } from '#control-plane/api/describe-views.ts';
import { pageOf } from '#control-plane/api/page-of.ts';
import { page, ref } from '#control-plane/api/parameters.ts';
import { problemsSeen, unknownAction } from '#control-plane/api/prepare-request.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import type { AdminStore } from '#domain/admin-store.ts';
import type { ActionView, ClientStore, PackView } from '#domain/client-store.ts';
import { letsThrough, letsThroughPack, packsSeen } from '#domain/confinement.ts';
import type { Page } from '#domain/page.ts';
import { archiveDirectory } from '#packs/archive.ts';
import { secretParameters } from '#packs/parameter-schema.ts';
import type { PackProblem } from '#packs/read-yaml.ts';
import { action, actionList, type PackWithActions, packList, packWithActions } from '#wire/packs.ts';

const tags = ['packs'];

const list = guarded('read', {
  method: 'get',
  path: '/packs',
  operationId: 'listPacks',
  tags,
  summary: 'All packs, page by page',
  request: { query: page },
  responses: { 200: json(packList, 'by their refs') },
});

const read = guarded('read', {
  method: 'get',
  path: '/packs/{ref}',
  operationId: 'readPack',
  tags,
  summary: 'One pack with its actions, page by page',
  request: { params: ref, query: page },
  responses: { 200: json(packWithActions, 'as it is registered') },
});

const archive = guarded(['read', 'worker'], {
  method: 'get',
  path: '/packs/{ref}/archive',
  operationId: 'downloadPack',
  tags,
  summary: 'All files of a pack, as a tar.gz; the checksum is that of the tar',
  request: { params: ref },
  responses: { 200: { description: 'the archive', content: { 'application/gzip': {} } } },
});

const listActions = guarded('read', {
  method: 'get',
  path: '/actions',
  operationId: 'listActions',
  tags,
  summary: 'All actions, or those of one pack, page by page',
  request: { query: page.extend({ pack_ref: z.string().min(1).max(500).optional() }) },
  responses: { 200: json(actionList, 'by their refs') },
});

const readAction = guarded('read', {
  method: 'get',
  path: '/actions/{ref}',
  operationId: 'readAction',
  tags,
  summary: 'One action with the schema of its parameters',
  request: { params: ref },
  responses: { 200: json(action, 'as it is registered') },
});

/** Routes that read packs and their actions. */
export function packRoutes({ store, packs }: Pick<ApiDependencies, 'store' | 'packs'>): OpenAPIHono<AppEnv> {
  const { refresh, problems, installed } = packs;
  const routes = createRoutes();
  routes.openapi(list, async (context) => {
    await refresh();
    const { confinedTo } = context.get('token');
    const query = { ...context.req.valid('query'), confinedTo };
    const { members, next } = await pageOf(query, store.listPacks, (one) => one.packRef);
    const all = members.map((one) => ({ ...viewOf(one), kept_versions: installed.versions(one.packRef) }));
    const broken = problemsSeen([...problems(), ...members.flatMap(filesGone)], confinedTo).map(brokenOf);
    return context.json({ packs: all, broken, next_cursor: next }, 200);
  });
  routes.openapi(read, async (context) => {
    await refresh();
    const { ref: wanted } = context.req.valid('param');
    const { confinedTo } = context.get('token');
    if (confinedTo && !packsSeen(confinedTo).includes(wanted)) throw noPack(wanted);
    const [broken] = (await store.findPack(wanted))
      ? []
      : problemsSeen(problems(), confinedTo).filter(({ ref: one }) => one === wanted);
    if (broken) throw new Problem('not-found', `pack '${wanted}' could not be loaded: ${broken.message}`);
    return context.json(await describePack(store, wanted, { ...context.req.valid('query'), confinedTo }), 200);
  });
  routes.openapi(archive, async (context) => {
    const { ref: wanted } = context.req.valid('param');
    await refresh();
    const found = await store.findPack(wanted);
    if (!found || !letsThroughPack(context.get('token').confinedTo, wanted)) throw noPack(wanted);
    if (!existsSync(found.directory))
      throw new Problem('not-found', `pack '${wanted}' is registered, and not on this server (${found.directory})`);
    const bytes = Readable.toWeb(archiveDirectory(found.directory)) as ReadableStream<Uint8Array>;
    return new Response(context.get('whileValid')(bytes), {
      headers: {
        'content-type': 'application/gzip',
        'cache-control': 'no-cache',
        ...(found.checksum === undefined ? {} : { 'x-checksum-sha256': found.checksum }),
      },
    });
  });
  routes.openapi(listActions, async (context) => {
    await refresh();
    const { pack_ref: packRef, ...query } = context.req.valid('query');
    const read = async (part: Page) => await store.listActions(packRef, part);
    const seen = { ...query, confinedTo: context.get('token').confinedTo };
    const { members, next } = await pageOf(seen, read, (one) => one.actionRef);
    return context.json({ actions: members.map(describeAction), next_cursor: next }, 200);
  });
  routes.openapi(readAction, async (context) => {
    const { ref: wanted } = context.req.valid('param');
    await refresh();
    const found = await store.findAction(wanted);
    if (!found || !letsThrough(context.get('token').confinedTo, wanted))
      throw await unknownAction({ store, packs }, wanted, context.get('token'));
    return context.json({ ...describeAction(found), stored_keys: [...(await storedKeys(store, found))] }, 200);
  });
  return routes;
}

function viewOf({ packRef, directory: _directory, ...rest }: PackView) {
  return { ref: packRef, ...rest };
}

function brokenOf({ ref = '', message }: PackProblem) {
  return { ref, problem: message };
}

/** A pack that is registered, and whose files were taken away: workers that have not fetched it yet cannot run it. */
function filesGone({ packRef, directory }: PackView): readonly PackProblem[] {
  if (directory === null || directory === '' || existsSync(directory)) return [];
  const message = `its directory is gone from this server (${directory}): put it back, or remove the pack (attune-agent packs remove ${packRef})`;
  return [{ kind: 'no-such-pack', message, ref: packRef }];
}

/** The secret parameters of an action for which a key stands in. */
async function storedKeys(store: Pick<AdminStore, 'findKeyNames'>, found: ActionView): Promise<readonly string[]> {
  const secrets = secretParameters(found.parameterSchema);
  return secrets.length === 0 ? [] : await store.findKeyNames(found, secrets);
}

/** Describes a registered pack with a page of its actions. Throws a Problem where there is none. */
export async function describePack(
  store: Pick<ClientStore, 'findPack' | 'listActions'>,
  wanted: string,
  query: z.infer<typeof page> & Pick<Page, 'confinedTo'> = FIRST_PAGE,
): Promise<PackWithActions> {
  const found = await store.findPack(wanted);
  if (!found) throw noPack(wanted);
  const read = async (part: Page) => await store.listActions(wanted, part);
  const { members, next } = await pageOf(query, read, (one) => one.actionRef);
  const { label, version } = found;
  return { ref: wanted, label, version, actions: members.map(describeAction), next_cursor: next };
}

function noPack(wanted: string): Problem {
  return new Problem('not-found', `there is no pack '${wanted}'`);
}

const FIRST_PAGE = page.parse({});
