import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Handler, HonoRequest, MiddlewareHandler, NotFoundHandler } from 'hono';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { Relay } from '#domain/outbox-relay.ts';
import { SERVER_VERSION_HEADER } from '#wire/answer.ts';
import { API_PATH } from '#wire/paths.ts';
import { assets } from './assets.ts';
import { auditRequests } from './audit.ts';
import { type AppEnv, authenticate } from './auth.ts';
import { addSlash, pageBelow, placesBelow } from './base-path.ts';
import { checkJson } from './check-json.ts';
import { bodyKindOf, checkContentType } from './content-types.ts';
import type { ApiDependencies } from './dependencies.ts';
import { documentOf } from './document.ts';
import { createEndWaits, type EndWaits } from './end-waits.ts';
import { matchesTag, tagAnswers } from './etags.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { noteAnswers, withoutTokens } from './note-answers.ts';
import { requireOneHost } from './one-host.ts';
import { createOpenStreams } from './open-streams.ts';
import { Problem, problemOf } from './problem.ts';
import { createRateLimits } from './rate-limits.ts';
import { receiveBody } from './receive-body.ts';
import { receiveUpload } from './receive-upload.ts';
import { agentRoutes, sendScript } from './routes/agent.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { auditRoutes } from './routes/audit.ts';
import { environmentRoutes } from './routes/environments.ts';
import { executionRoutes } from './routes/executions.ts';
import { healthRoutes } from './routes/health.ts';
import { installPackRoutes } from './routes/install-packs.ts';
import { keyRoutes } from './routes/keys.ts';
import { addLogin } from './routes/login.ts';
import { logRoutes } from './routes/logs.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { operatorRoutes } from './routes/operators.ts';
import { packRoutes } from './routes/packs.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { tokenRoutes } from './routes/token.ts';
import { tokensRoutes } from './routes/tokens.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { workerCallRoutes } from './routes/worker-calls.ts';
import { workerRoutes } from './routes/workers.ts';
import { securePages } from './secure-pages.ts';
import { shareQuestions } from './share-questions.ts';
import { createTokenWatch } from './token-watch.ts';
import { traceRequests } from './trace-requests.ts';
import { createTroubles } from './troubles.ts';
import { watchEnds } from './watch-ends.ts';
import { watchDownloads } from './while-valid.ts';

export const MOST_UPLOAD_BYTES = 128 * 1024 * 1024;
/** Workers bring logs and results of many executions at once. */
const MOST_WORKER_BYTES = 8 * 1024 * 1024;
const MOST_JSON_BYTES = 2 * 1024 * 1024;

/**
 * Makes the application with all routes. Only health, the agent's description and script, and the files of the page are
 * open to requests without a token.
 */
export function createApp(given: ApiDependencies): OpenAPIHono<AppEnv> {
  const deps = { ...given, store: sharing(given.store) };
  const app = new OpenAPIHono<AppEnv>();
  const findTroubles = createTroubles(deps);
  const metrics = createMetrics({ ...deps, findTroubles });
  answerEverything(app, deps, metrics);
  app.route('/', healthRoutes(deps, findTroubles));
  app.get(`${API_PATH}/health`, (context) => context.redirect('/healthz'));
  for (const [path, { type, text }] of Object.entries(assets))
    app.get(path, serveText(type, path === '/' ? pageBelow(text, deps.settings.basePath) : text));
  app.get('/install.sh', (context) => sendScript(context, 'install.sh', deps));
  const limits = createRateLimits(deps.settings.requestsPerSecond);
  for (const open of [`${API_PATH}/agent/*`, '/auth/*'])
    app.use(open, async ({ env }, next) => {
      await limits.beforeToken(env.address, undefined);
      await next();
    });
  addLogin(app, deps);
  app.route(API_PATH, agentRoutes(deps));
  /* By their headers alone: nothing of a body is read for somebody without a token. */
  app.use(authenticate(deps, limits));
  app.use(checkContentType);
  const tokens = createTokenWatch(deps);
  app.use(receiveBody(deps.clock, mostBytesOf, tokens.isOver));
  app.use(checkJson);
  app.use(auditRequests(API_PATH, deps));
  app.use(receiveUpload(deps.clock, tokens), watchDownloads(tokens));
  app.route('/', metricsRoutes(metrics));
  const all = [
    workerCallRoutes,
    tokenRoutes,
    executionRoutes,
    logRoutes,
    artifactRoutes,
    packRoutes,
    installPackRoutes,
    environmentRoutes,
    workerRoutes,
    scheduleRoutes,
    webhookRoutes,
    keyRoutes,
    tokensRoutes,
    operatorRoutes,
    auditRoutes,
  ];
  const watch = watchEnds(deps);
  const ends = createEndWaits({ ...deps, tokens, watch });
  const shared = { ...deps, relay: heardBy(ends, deps.relay), ends, watch, streams: createOpenStreams({ tokens }) };
  for (const routes of all) app.route(API_PATH, routes(shared));
  describe(app, deps.settings);
  return app;
}

/** The store, at which requests that come at once ask for the same token and the same action once. */
function sharing(store: ApiDependencies['store']): ApiDependencies['store'] {
  return {
    ...store,
    findToken: shareQuestions((hash) => store.findToken(hash)),
    findAction: shareQuestions((ref) => store.findAction(ref)),
  };
}

/** The relay, of whose messages those who wait for ends hear at once. */
function heardBy(ends: EndWaits, relay: Relay): Relay {
  const publish: Relay['publish'] = (messages) => {
    relay.publish(messages);
    ends.hear(messages);
  };
  return { ...relay, publish };
}

/** What is true of every answer: its headers, its form, and that an error is a problem. */
function answerEverything(app: OpenAPIHono<AppEnv>, deps: ApiDependencies, metrics: Metrics): void {
  app.onError((error, context) => {
    const { req } = context;
    const id = context.get('requestId');
    const problem = toProblem(error, deps.hideSecrets);
    if (problem.code === 'internal-error')
      deps.logger.error('request failed', {
        ...{ method: req.method, path: withoutTokens(req.path), request_id: id },
        why: error.stack ?? error.message,
      });
    return problem.response(id);
  });
  app.notFound(answerNothing);
  app.use(requestId());
  app.use(noteAnswers(deps, metrics.answered));
  app.use(`${API_PATH}/*`, traceRequests(deps.tracer));
  app.use(securePages(deps.settings));
  app.use(async (context, next) => {
    await next();
    context.res.headers.set(SERVER_VERSION_HEADER, deps.settings.version);
    context.res.headers.set(REQUEST_ID_HEADER, context.get('requestId'));
  });
  const { basePath, corsOrigins } = deps.settings;
  if (basePath !== '') app.all(basePath, addSlash(basePath));
  app.use(placesBelow(basePath));
  if (corsOrigins.length > 0) app.use(`${API_PATH}/*`, allowOrigins(corsOrigins));
  app.use(requireOneHost);
  app.use(compressAnswers);
  app.use(`${API_PATH}/*`, tagAnswers);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }));
}

/** For how long a browser remembers what a page of another origin may send. */
const CORS_SECONDS = 600;

/** Lets scripts of pages of these origins call the API with a token; no cookie is ever looked at. */
function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: [
      ...['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'last-event-id', 'range'],
      ...['traceparent', REQUEST_ID_HEADER],
    ],
    exposeHeaders: [
      ...['content-range', 'etag', 'location', 'retry-after', REQUEST_ID_HEADER, SERVER_VERSION_HEADER],
      ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
    ],
    maxAge: CORS_SECONDS,
  });
}

const REQUEST_ID_HEADER = 'x-request-id';

const answerNothing: NotFoundHandler<AppEnv> = ({ req, get }) =>
  new Problem('not-found', `${req.method} ${req.path}: there is no such thing`).response(get('requestId'));

const refuseMethod = ({ req, get }: Context<AppEnv>, methods: readonly string[]): Response =>
  new Problem('method-not-allowed', `${req.method} ${req.path}: only ${methods.join(', ')}`, {
    headers: { allow: methods.join(', ') },
  }).response(get('requestId'));

const COMPRESSED = /^(application\/(problem\+)?json|text\/(html|css|javascript|plain))/;
const byGzip = compress({ contentTypeFilter: COMPRESSED });
/* Hono only hands the name on to CompressionStream, which knows this one here. */
const byZstd = compress({ contentTypeFilter: COMPRESSED, encoding: 'zstd' as 'gzip' });

/** Workers call often, with little: for them it would cost more than it saves. */
const compressAnswers: MiddlewareHandler = async (context, next) =>
  context.req.path.startsWith(`${API_PATH}/worker/`)
    ? await next()
    : await byZstd(context, async () => void (await byGzip(context, next)));

function toProblem(error: unknown, hide: ApiDependencies['hideSecrets']): Problem {
  if (error instanceof HTTPException) return new Problem('invalid-request', error.message || 'malformed request');
  return problemOf(error, hide);
}

/** The most bytes of a body that is read whole; undefined: archives and artifacts are counted as they are stored. */
function mostBytesOf(request: HonoRequest): number | undefined {
  if (bodyKindOf(request) !== 'json') return undefined;
  return request.path.startsWith(`${API_PATH}/worker/`) ? MOST_WORKER_BYTES : MOST_JSON_BYTES;
}

function serveText(type: string, text: string): Handler {
  const etag = `"${Bun.hash(text).toString(36)}"`;
  const headers = { 'content-type': `${type}; charset=utf-8`, etag, 'cache-control': 'no-cache' };
  return ({ req }) =>
    matchesTag(req.header('if-none-match'), etag)
      ? new Response(null, { status: 304, headers })
      : new Response(text, { headers });
}

function describe(app: OpenAPIHono<AppEnv>, { version, publicUrl, basePath }: ApiDependencies['settings']): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'agentToken', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Agent-Token',
  });
  /* It is made before anybody waits. */
  const document = documentOf(app, { version, url: basePath || '/' });
  let text: string | undefined;
  app.get(`${API_PATH}/openapi.json`, (context) => {
    const servers = [{ url: publicUrl() ?? (basePath || '/') }];
    text ??= JSON.stringify({ ...document, servers });
    return context.body(text, 200, { 'content-type': 'application/json' });
  });
}
