import { timingSafeEqual } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AgentFile, ARCHITECTURES, type Architecture } from '#control-plane/api/agent-files.ts';
import { type AppEnv, allows, bearerOf, findTokenOf } from '#control-plane/api/auth.ts';
import bootstrap from '#control-plane/api/bootstrap.sh' with { type: 'text' };
import type { ApiDependencies } from '#control-plane/api/dependencies.ts';
import { FORM } from '#control-plane/api/document.ts';
import { knownQuery } from '#control-plane/api/known-query.ts';
import { Problem } from '#control-plane/api/problem.ts';
import { createRoutes, failures, json } from '#control-plane/api/route.ts';
import { sendAgent } from '#control-plane/api/send-agent.ts';
import { sha256Of } from '#crypto/sha256.ts';
import { agentInfo } from '#wire/server.ts';

const tags = ['agent'];
const MOST_ARCH = 100;
const MOST_FORM_BYTES = 2000;
const names = [...ARCHITECTURES, 'arm64'] as const;
/** Checked by the handler: who may not download does not learn more. */
const query = z.object({
  arch: z
    .string()
    .max(100)
    .optional()
    .meta({ enum: [...names], param: { required: true, in: 'query', name: 'arch' } }),
});
const security = [{ bearer: [] }, { agentToken: [] }];

const info = createRoute({
  method: 'get',
  path: '/agent/info',
  operationId: 'describeAgents',
  tags,
  middleware: knownQuery({}),
  summary: 'Which agents there are; open to all',
  responses: {
    200: json(agentInfo, 'of each architecture'),
  },
});

const script = createRoute({
  method: 'get',
  path: '/agent/bootstrap.sh',
  operationId: 'readBootstrapScript',
  tags,
  middleware: knownQuery({}),
  summary: 'A POSIX script that downloads the agent and becomes it; open to all, it holds no secret',
  responses: { 200: { description: 'for sh', content: { 'text/x-shellscript': { schema: z.string() } } } },
});

const binary = createRoute({
  method: 'get',
  path: '/agent/binary',
  operationId: 'downloadAgent',
  tags,
  middleware: knownQuery({ request: { query } }),
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
  operationId: 'readAgentChecksum',
  tags,
  middleware: knownQuery({ request: { query } }),
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
  operationId: 'readAgentSignature',
  tags,
  middleware: knownQuery({ request: { query } }),
  summary: 'The signature of the agent: ECDSA P-256 with SHA-256, DER in base64, as cosign writes it',
  security,
  request: { query },
  responses: {
    200: { description: 'base64', content: { 'text/plain': { schema: z.string() } } },
    default: failures,
  },
});

const statement = createRoute({
  method: 'get',
  path: '/agent/binary.signed',
  operationId: 'readAgentStatement',
  tags,
  middleware: knownQuery({ request: { query } }),
  summary: 'Name, processor, version and SHA-256 of the agent, a line each, and in the last line their signature',
  security,
  request: { query },
  responses: {
    200: { description: 'lines', content: { 'text/plain': { schema: z.string() } } },
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
  routes.openapi(script, (context) => sendScript(context, 'bootstrap.sh', deps));
  const found: Handler = async (context) => {
    const file = await findFor(deps, context.req.raw);
    context.env.broughtToken();
    return await sendAgent(agentFiles, file, context);
  };
  const summed: Handler = async (context) => {
    const { sha256, architecture } = await findFor(deps, context.req.raw);
    return textAnswer(`${sha256}  attune-agent-${architecture}\n`);
  };
  const signed: Handler = async (context) => {
    const file = await findFor(deps, context.req.raw);
    return textAnswer(await agentFiles.signature(file), file);
  };
  const stated: Handler = async (context) => {
    const file = await findFor(deps, context.req.raw);
    return textAnswer(await agentFiles.statement(file), file);
  };
  for (const [route, handler] of [
    [binary, found],
    [checksum, summed],
    [signature, signed],
    [statement, stated],
  ] as const) {
    routes.openapi(route, handler);
    /* For wget of busybox, which cannot send a header that does not stand in its arguments. */
    routes.openAPIRegistry.registerPath(byForm(route));
    routes.post(route.path, route.middleware, handler);
  }
  return routes;
}

/** The POST of a download, for clients that send their token in a form. Its handler reads the form itself, and bounds it. */
function byForm(route: typeof binary | typeof checksum | typeof signature | typeof statement) {
  const schema = z.object({
    token: z
      .string()
      .max(MOST_FORM_BYTES - 100)
      .optional(),
  });
  const content = { 'application/x-www-form-urlencoded': { schema } };
  const operationId = `${route.operationId}${FORM}`;
  return { ...route, method: 'post' as const, operationId, request: { query, body: { content } } };
}

type Handler = (context: Context) => Promise<Response>;

/** The text, or the answer that the file is not signed. */
function textAnswer(text: string | undefined, file?: { readonly architecture: Architecture }): Response {
  if (text === undefined) throw new Problem('not-found', `the agent for ${file?.architecture} is not signed here`);
  return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });
}

/** The address for a script, into which nothing goes but what an address can hold without meaning more to a shell. */
/** Answers with the script, which does what its name says: it becomes the agent, or installs it. */
export function sendScript(
  context: Context<AppEnv>,
  name: 'bootstrap.sh' | 'install.sh',
  { settings }: Pick<ApiDependencies, 'settings'>,
) {
  const script = bootstrap.replaceAll('@@API_URL@@', scriptAddress(settings.publicUrl())).replaceAll('@@NAME@@', name);
  return context.body(script, 200, {
    'content-type': 'text/x-shellscript; charset=utf-8',
    'cache-control': 'no-store',
  });
}

function scriptAddress(url: string | undefined): string {
  return url !== undefined && /^https?:\/\/[A-Za-z0-9.:[\]/_~-]+$/.test(url) ? url : '';
}

async function findFor(
  deps: AgentDependencies,
  request: Request,
): Promise<AgentFile & { readonly architecture: Architecture }> {
  const { agent: agentFiles } = deps.files;
  if (!agentFiles.isConfigured)
    throw new Problem('not-configured', 'this server hands out no agent: set ATTUNE__AGENT__BINARY_DIR');
  await checkToken(deps, request);
  const arch = new URL(request.url).searchParams.get('arch')?.slice(0, MOST_ARCH) ?? undefined;
  const architecture = ARCHITECTURES.find((one) => one === (arch === 'arm64' ? 'aarch64' : arch));
  if (!architecture) throw new Problem('invalid-request', `arch '${arch ?? ''}': expected one of ${names.join(', ')}`);
  const file = await agentFiles.find(architecture);
  if (!file) throw new Problem('not-found', `this server has no agent for ${architecture}`);
  return { ...file, architecture };
}

/** The bootstrap token, or one of the API with the scope; in either header, or in a form. */
async function checkToken({ store, settings }: AgentDependencies, request: Request): Promise<void> {
  const { bootstrapToken } = settings;
  const { headers } = request;
  const given = headers.get('x-agent-token') ?? bearerOf(headers.get('authorization')) ?? (await postedToken(request));
  const isBootstrap = bootstrapToken !== undefined && given !== undefined && isSame(given, bootstrapToken);
  if (isBootstrap) return;
  const token = given === undefined ? undefined : await findTokenOf(store, given);
  if (token && allows(token, 'agent-download')) return;
  throw new Problem(
    'invalid-token',
    'a token that may download the agent is needed: X-Agent-Token, or Authorization: Bearer',
  );
}

/** The field `token` of a form; undefined where nothing so short was sent. */
async function postedToken(request: Request): Promise<string | undefined> {
  const bytes = Number(request.headers.get('content-length') ?? 0);
  if (request.method !== 'POST' || !(bytes > 0 && bytes <= MOST_FORM_BYTES)) return undefined;
  return new URLSearchParams(await request.text()).get('token') ?? undefined;
}

/** Compares two secrets in a time that does not reveal where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => Buffer.from(sha256Of(text));
  return timingSafeEqual(digest(a), digest(b));
}
