import { timingSafeEqual } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import {
  type AgentFile,
  type AgentFiles,
  ARCHITECTURES,
  type Architecture,
  type Encoding,
} from '#control-plane/api/agent-files.ts';
import { type AppEnv, allows, bearerOf, findTokenOf } from '#control-plane/api/auth.ts';
import bootstrap from '#control-plane/api/bootstrap.sh' with { type: 'text' };
import { contentRange, readRange } from '#control-plane/api/byte-range.ts';
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, failures, json } from '#control-plane/api/route.ts';
import { sha256Of } from '#crypto/sha256.ts';
import { agentInfo } from '#wire/server.ts';

const tags = ['agent'];
const names = [...ARCHITECTURES, 'arm64'] as const;
/** Checked by the handler: who may not download does not learn more. */
const query = z.object({
  arch: z
    .string()
    .max(100)
    .optional()
    .meta({ enum: [...names] }),
});
const security = [{ bearer: [] }, { agentToken: [] }];

const info = createRoute({
  method: 'get',
  path: '/agent/info',
  tags,
  summary: 'Which agents there are; open to all',
  responses: {
    200: json(agentInfo, 'of each architecture'),
  },
});

const script = createRoute({
  method: 'get',
  path: '/agent/bootstrap.sh',
  tags,
  summary: 'A POSIX script that downloads the agent and becomes it; open to all, it holds no secret',
  responses: { 200: { description: 'for sh', content: { 'text/x-shellscript': { schema: z.string() } } } },
});

const binary = createRoute({
  method: 'get',
  path: '/agent/binary',
  tags,
  summary: 'The agent itself; with ETag, Range, zstd and gzip',
  security,
  request: { query },
  responses: {
    200: { description: 'the static file', content: { 'application/octet-stream': {} } },
    default: failures,
  },
});

const checksum = createRoute({
  method: 'get',
  path: '/agent/binary.sha256',
  tags,
  summary: 'The SHA-256 of the agent',
  security,
  request: { query },
  responses: {
    200: { description: 'as sha256sum prints it', content: { 'text/plain': { schema: z.string() } } },
    default: failures,
  },
});

const signature = createRoute({
  method: 'get',
  path: '/agent/binary.sig',
  tags,
  summary: 'The signature of the agent: ECDSA P-256 with SHA-256, DER in base64, as cosign writes it',
  security,
  request: { query },
  responses: {
    200: { description: 'base64', content: { 'text/plain': { schema: z.string() } } },
    default: failures,
  },
});

type AgentDependencies = Pick<ApiDependencies, 'store' | 'files' | 'settings'>;

export function agentRoutes(deps: AgentDependencies): OpenAPIHono<AppEnv> {
  const { agent: agentFiles } = deps.files;
  const { version } = deps.settings;
  const routes = createRoutes();
  routes.openapi(info, async (context) => {
    const architectures = await Promise.all(
      ARCHITECTURES.map(async (arch) => {
        const file = await agentFiles.find(arch);
        return { arch, size_bytes: file?.bytes ?? 0, available: file !== undefined, sha256: file?.sha256 ?? null };
      }),
    );
    return context.json({ version, architectures }, 200);
  });
  routes.openapi(script, (context) =>
    context.body(bootstrap.replaceAll('@@API_URL@@', originOf(context.req.raw)), 200, {
      'content-type': 'text/x-shellscript; charset=utf-8',
    }),
  );
  routes.openapi(binary, async (context) => {
    const file = await findFor(deps, context.req.raw, context.req.valid('query').arch);
    return await download(agentFiles, file, context);
  });
  routes.openapi(checksum, async (context) => {
    const { sha256, architecture } = await findFor(deps, context.req.raw, context.req.valid('query').arch);
    return context.text(`${sha256}  attune-agent-${architecture}\n`, 200);
  });
  routes.openapi(signature, async (context) => {
    const file = await findFor(deps, context.req.raw, context.req.valid('query').arch);
    const text = await agentFiles.signature(file);
    if (text === undefined) throw new Problem('not-found', `the agent for ${file.architecture} is not signed here`);
    return context.text(text, 200);
  });
  return routes;
}

/** The origin of the server's address for a script, into which nothing goes but what an address can hold. */
function originOf(request: Request): string {
  const { protocol } = new URL(request.url);
  const forwarded = request.headers.get('x-forwarded-proto') === 'https' ? 'https:' : protocol;
  const host = request.headers.get('host') ?? '';
  return /^[A-Za-z0-9.:[\]-]+$/.test(host) ? `${forwarded}//${host}` : '';
}

async function findFor(
  deps: AgentDependencies,
  request: Request,
  arch: string | undefined,
): Promise<AgentFile & { readonly architecture: Architecture }> {
  const { agent: agentFiles } = deps.files;
  if (!agentFiles.isConfigured)
    throw new Problem('not-configured', 'this server hands out no agent: set ATTUNE__AGENT__BINARY_DIR');
  await checkToken(deps, request);
  const architecture = ARCHITECTURES.find((one) => one === (arch === 'arm64' ? 'aarch64' : arch));
  if (!architecture) throw new Problem('invalid-request', `arch '${arch ?? ''}': expected one of ${names.join(', ')}`);
  const file = await agentFiles.find(architecture);
  if (!file) throw new Problem('not-found', `this server has no agent for ${architecture}`);
  return { ...file, architecture };
}

/** The bootstrap token, or one of the API with the scope; in either header. */
async function checkToken({ store, settings }: AgentDependencies, { headers }: Request): Promise<void> {
  const { bootstrapToken } = settings;
  const given = headers.get('x-agent-token') ?? bearerOf(headers.get('authorization'));
  const isBootstrap = bootstrapToken !== undefined && given !== undefined && isSame(given, bootstrapToken);
  if (isBootstrap) return;
  const token = given === undefined ? undefined : await findTokenOf(store, given);
  if (token && allows(token, 'agent-download')) return;
  throw new Problem(
    'invalid-token',
    'a token that may download the agent is needed: X-Agent-Token, or Authorization: Bearer',
  );
}

/** Compares two secrets in a time that does not reveal where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => Buffer.from(sha256Of(text));
  return timingSafeEqual(digest(a), digest(b));
}

async function download(
  agentFiles: AgentFiles,
  file: AgentFile & { readonly architecture: Architecture },
  context: Context,
): Promise<Response> {
  const { headers } = context.req.raw;
  const range = readRange(headers.get('range') ?? undefined, file.bytes);
  const encoding = range ? undefined : encodingFor(context);
  const etag = `"${file.sha256}${encoding ? `-${encoding}` : ''}"`;
  const common = {
    etag,
    vary: 'Accept-Encoding',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'x-attune-sha256': file.sha256,
  };
  const known = (headers.get('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers: common });
  const sent = encoding ? await agentFiles.compressed(file, encoding) : file;
  const part = range ? Bun.file(sent.path).slice(range.from, range.to) : Bun.file(sent.path);
  return new Response(part, {
    status: range ? 206 : 200,
    headers: {
      ...common,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="attune-agent-${file.architecture}"`,
      ...(encoding ? { 'content-encoding': encoding } : {}),
      ...(range ? { 'content-range': contentRange(range, file.bytes) } : {}),
    },
  });
}

/** Smallest first: of those that a client likes equally, it gets the first. */
const ENCODINGS = ['zstd', 'gzip'] as const satisfies readonly Encoding[];

/** The encoding that the client likes best. Undefined: the bytes as they are. */
function encodingFor(context: Context): Encoding | undefined {
  const best = accepts(context, {
    header: 'Accept-Encoding',
    supports: [...ENCODINGS, 'identity'],
    default: 'identity',
    match: (accepted, { supports, default: none }) => {
      const liking = (name: string): number => accepted.find(({ type }) => type.toLowerCase() === name)?.q ?? 0;
      return supports.toSorted((a, b) => liking(b) - liking(a)).find((name) => liking(name) > 0) ?? none;
    },
  });
  return ENCODINGS.find((one) => one === best);
}
