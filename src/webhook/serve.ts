import type { Clock } from '#domain/clock.ts';
import type { Logger } from '#domain/logger.ts';
import { BODY_BOUNDS, createReadBody, type ReadBody } from './bodies.ts';
import type { Certificate } from './certificates.ts';
import { endOf } from './judge-certificate.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { answerReview } from './review.ts';
import type { InjectionSettings } from './settings.ts';
import { FRONT_BOUNDS, openTlsFront } from './tls-front.ts';

interface WebhookDependencies {
  readonly settings: InjectionSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** A webhook that answers API servers over TLS. */
export interface Webhook {
  readonly port: number;
  /** Serves another certificate from now on. */
  use(certificate: Certificate): void;
  /** Is not ready any more, but answers: API servers are told to go elsewhere. */
  leave(): void;
  /** Ends the last requests, and listens no more. */
  close(): Promise<void>;
}

const LOOKS_AGAIN_MS = 20;
/** Seconds of silence after which a connection is closed. */
const SILENCE_SECONDS = 60;

/** Listens with a first certificate. Rejects when the address cannot be had or the certificate not be read. */
export async function serveWebhook(first: Certificate, deps: WebhookDependencies): Promise<Webhook> {
  const { clock, host, port } = deps;
  const metrics = createMetrics();
  const readBody = createReadBody(BODY_BOUNDS);
  let isLeaving = false;
  let current = first;
  const unready = (): string | undefined => {
    if (isLeaving) return 'leaving';
    return (endOf(current.certificate) ?? 0) <= clock.now() ? 'the certificate has ended' : undefined;
  };
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    maxRequestBodySize: BODY_BOUNDS.most,
    idleTimeout: SILENCE_SECONDS,
    fetch: async (request) => await answer(request, { ...deps, metrics, readBody, unready }),
    error: () => new Response('unexpected error\n', { status: 500 }),
  });
  const front = await openTlsFront(first, { host, port, clock, behind: server.port ?? 0, bounds: FRONT_BOUNDS });
  metrics.serves(endOf(first.certificate) ?? 0);
  return {
    port: front.port,
    use: (certificate) => {
      front.use(certificate);
      current = certificate;
      metrics.serves(endOf(certificate.certificate) ?? 0);
    },
    leave: () => {
      isLeaving = true;
    },
    close: async () => {
      while (server.pendingRequests > 0) await clock.sleep(LOOKS_AGAIN_MS);
      void server.stop(true); /* connections on which nobody waits for an answer */
      await front.close();
    },
  };
}

interface Answering extends WebhookDependencies {
  readonly metrics: Metrics;
  readonly readBody: ReadBody;
  /** Why this process wants no requests; undefined: it does. */
  readonly unready: () => string | undefined;
}

async function answer(request: Request, deps: Answering): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/mutate') return await mutate(request, deps);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response('not allowed\n', { status: 405, headers: { allow: 'GET, HEAD' } });
  if (pathname === '/healthz') return new Response('ok\n');
  if (pathname === '/metrics')
    return new Response(await deps.metrics.render(), { headers: { 'content-type': deps.metrics.contentType } });
  if (pathname !== '/readyz') return new Response('not found: /mutate, /healthz, /readyz, /metrics\n', { status: 404 });
  const why = deps.unready();
  return why === undefined ? new Response('ok\n') : new Response(`${why}\n`, { status: 503 });
}

async function mutate(request: Request, deps: Answering): Promise<Response> {
  if (request.method !== 'POST') return new Response('not allowed\n', { status: 405, headers: { allow: 'POST' } });
  const body = await deps.readBody(request);
  if (!body.ok) return refuse(body.error.status, body.error.why, deps);
  const reviewed = answerReview(body.value, deps.settings);
  if (!reviewed.ok) return refuse(400, reviewed.error, deps);
  const { answer: answered, deed, pod, warnings } = reviewed.value;
  deps.metrics.reviewed(deed);
  if (deed !== 'unchanged') deps.logger.info(deed, { ...pod, warnings });
  return Response.json(answered);
}

function refuse(status: number, why: string, { logger, metrics }: Answering): Response {
  metrics.reviewed('malformed');
  logger.warn('malformed request', { why });
  return new Response(`${why}\n`, { status, headers: { connection: 'close' } });
}
