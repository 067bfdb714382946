import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { type AppEnv, allows, ownerOf } from '#control-plane/api/auth.ts';
import { contentRange, readRange } from '#control-plane/api/byte-range.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { describeArtifact } from '#control-plane/api/describe-views.ts';
import { matchesTag } from '#control-plane/api/etags.ts';
import { id } from '#control-plane/api/parameters.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, guarded, json } from '#control-plane/api/route.ts';
import { verifiedBytes } from '#control-plane/api/verified-bytes.ts';
import type { TokenHolder } from '#domain/admin-store.ts';
import type { ArtifactView } from '#domain/artifact.ts';
import { letsThrough } from '#domain/confinement.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import { executionId } from '#domain/ids.ts';
import { shareTurns, type Turn } from '#domain/turns.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { artifact, artifactPage, artifactQuery, INSTANCE_HEADER } from '#wire/artifacts.ts';

const tags = ['artifacts'];

const list = guarded('read', {
  method: 'get',
  path: '/artifacts',
  operationId: 'listArtifacts',
  tags,
  summary: 'Versions of artifacts, newest first: of all, of one execution, or of one artifact',
  request: { query: artifactQuery },
  responses: { 200: json(artifactPage, 'one page') },
});

const read = guarded('read', {
  method: 'get',
  path: '/artifacts/{id}',
  operationId: 'readArtifact',
  tags,
  summary: 'One version of an artifact',
  request: { params: id },
  responses: { 200: json(artifact, 'what is known about it') },
});

const download = guarded('read', {
  method: 'get',
  path: '/artifacts/{id}/content',
  operationId: 'downloadArtifact',
  tags,
  summary: 'Its bytes, whole or a range',
  request: { params: id, headers: z.object({ range: z.string().max(100).optional() }) },
  responses: {
    200: { description: 'all of it', content: { 'application/octet-stream': {} } },
    304: { description: 'the client has it: `If-None-Match` names its ETag' },
    206: { description: 'the range asked for by `Range`', content: { 'application/octet-stream': {} } },
  },
});

const upload = guarded('worker', {
  method: 'put',
  path: '/worker/artifacts',
  operationId: 'uploadArtifact',
  tags: ['worker'],
  summary: 'Keep the bytes of a file that an execution has left; the result names it',
  request: {
    query: z.object({
      path: z
        .string()
        .regex(/^\d{1,15}\/\d{1,9}\/.{1,1000}$/, 'expected EXECUTION/ATTEMPT/NAME')
        .refine((path) => path.split('/').every(isName), 'each part between the slashes must be the name of a file'),
    }),
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    },
  },
  responses: { 204: { description: 'kept' } },
});

type ArtifactDependencies = Pick<ApiDependencies, 'store' | 'files' | 'settings'>;

export function artifactRoutes(deps: ArtifactDependencies): OpenAPIHono<AppEnv> {
  const { store } = deps;
  const routes = createRoutes();
  const find = async (wanted: string, { confinedTo }: TokenHolder): Promise<ArtifactView> => {
    const found = await store.readArtifact(wanted);
    if (!found || !letsThrough(confinedTo, found.actionRef))
      throw new Problem('not-found', `there is no artifact ${wanted}`);
    return found;
  };
  routes.openapi(list, async (context) => {
    const { execution, ref, cursor, limit } = context.req.valid('query');
    const views = await store.listArtifacts({
      execution: execution === undefined ? undefined : executionId(execution),
      ref,
      before: cursor,
      limit: limit + 1,
      confinedTo: context.get('token').confinedTo,
    });
    const page = views.slice(0, limit);
    const next = views.length > limit ? (page.at(-1)?.id ?? null) : null;
    return context.json({ artifacts: page.map(describeArtifact), next_cursor: next }, 200);
  });
  routes.openapi(read, async (context) =>
    context.json(describeArtifact(await find(context.req.valid('param').id, context.get('token'))), 200),
  );
  routes.openapi(download, async (context) => {
    const found = await find(context.req.valid('param').id, context.get('token'));
    const etag = `"${found.checksum}"`;
    if (matchesTag(context.req.header('if-none-match'), etag))
      return new Response(null, { status: 304, headers: { etag } });
    const range = readRange(context.req.valid('header').range, found.bytes);
    const { from, to } = range ?? { from: 0, to: found.bytes };
    const bytes = await readBytes(deps, found, { from, to });
    return new Response(context.get('whileValid')(bytes), {
      status: range ? 206 : 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(to - from),
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name.split('/').at(-1) ?? '')}`,
        'accept-ranges': 'bytes',
        etag,
        'x-checksum-sha256': found.checksum,
        ...(range ? { 'content-range': contentRange(range, found.bytes) } : {}),
      },
    });
  });
  addUpload(routes, deps);
  return routes;
}

/** Steps of uploads that begin in one turn of the event loop: each makes and removes files, which takes about half a millisecond. */
const STEPS_A_TURN = 10;

function addUpload(routes: OpenAPIHono<AppEnv>, deps: ArtifactDependencies): void {
  const turns = shareTurns(STEPS_A_TURN);
  const turn: Turn = () => turns(1);
  /* Not by `openapi`: its validator would read the whole file into memory. */
  const { middleware: guards, ...described } = upload;
  routes.openAPIRegistry.registerPath(described);
  routes.put('/worker/artifacts', ...guards, async (context) => {
    const { query } = upload.request;
    const wanted = query.safeParse({ path: context.req.query('path') });
    if (!wanted.success)
      throw new Problem(
        'invalid-request',
        'path: expected EXECUTION/ATTEMPT/NAME, whose parts are neither empty nor . nor ..',
      );
    const { path } = wanted.data;
    await requireOwner(deps, context.get('token'), { path, instance: context.req.header(INSTANCE_HEADER) });
    await turn();
    await keep({ ...deps, turn }, path, context.req.raw.body ?? new Blob([]).stream());
    return context.body(null, 204);
  });
}

/** A file that a worker wants to upload. */
interface Upload {
  /** EXECUTION/ATTEMPT/NAME. */
  readonly path: string;
  /** The instance of the worker, if it says so. */
  readonly instance: string | undefined;
}

/** Refuses a token whose holder does not hold the claim of the execution now. */
async function requireOwner(
  { store }: ArtifactDependencies,
  token: TokenHolder,
  { path, instance }: Upload,
): Promise<void> {
  if (allows(token, 'admin')) return;
  const [execution = '', attempt = ''] = path.split('/');
  const claimed = { execution: executionId(execution), attempt: Number(attempt), instance };
  if (!(await store.scopedTo(ownerOf(token)).mayUpload(claimed)))
    throw new Problem(
      'missing-scope',
      `no worker of token '${token.name}' runs attempt ${attempt} of execution ${execution}`,
    );
}

async function readBytes(
  { files }: ArtifactDependencies,
  { path, name, bytes, checksum }: ArtifactView,
  range: { from: number; to: number },
): Promise<ReadableStream<Uint8Array>> {
  if (!files.artifacts) throw notConfigured();
  const whole = await files.artifacts.read(path, { from: 0, to: bytes }).catch((error: unknown) => {
    throw new Problem('not-found', `the bytes of artifact ${name} are not where they were stored: ${messageOf(error)}`);
  });
  return verifiedBytes(whole, { checksum, ...range });
}

/** Through a file of its own: a broken connection leaves nothing. */
async function keep(
  { files, settings, turn }: ArtifactDependencies & { readonly turn: Turn },
  path: string,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  if (!files.artifacts) throw notConfigured();
  await using resources = new AsyncDisposableStack();
  try {
    const directory = mkdtempSync(join(tmpdir(), 'attune-upload-'));
    resources.defer(async () => {
      await turn();
      rmSync(directory, { recursive: true, force: true });
    });
    const file = join(directory, 'file');
    /* Whatever the stream is typed as, Node reads it. */
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(source, bounded(settings.maxArtifactBytes), createWriteStream(file));
    await turn();
    await files.artifacts.put(path, bytesOf(file));
  } catch (error) {
    const isPlace = error instanceof Unavailable || ['ENOSPC', 'EDQUOT', 'EROFS'].includes(codeOf(error) ?? '');
    throw isPlace ? new Problem('artifacts-unavailable', messageOf(error), { headers: { 'retry-after': '2' } }) : error;
  }
}

/** Others get their turns while it is read, which they would not with a stream of Bun. */
function bytesOf(file: string): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>; /* a file is read as bytes */
}

function bounded(most: number): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (chunks) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > most) throw new Problem('body-too-large', `an execution may leave ${most} bytes at most`);
      yield chunk;
    }
  };
}

function notConfigured(): Problem {
  return new Problem('not-configured', 'this server keeps no artifacts: set ATTUNE__ARTIFACTS__DIRECTORY or a bucket');
}

/** The bytes of the longest name that a directory can hold. */
const MOST_NAME_BYTES = 255;

function isName(part: string): boolean {
  const isPlain = part !== '' && part !== '.' && part !== '..' && !part.includes('\0');
  return isPlain && Buffer.byteLength(part) <= MOST_NAME_BYTES;
}
