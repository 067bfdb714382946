import { Registry } from 'prom-client';
import { VERSION } from '#cli/version.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { addProcessMetrics } from '#metrics/process-metrics.ts';

/** Makes the metrics of this process, to which its parts add theirs. Where nobody can read them, nothing is measured. */
export function openMetrics(isRead = true): Registry {
  const metrics = new Registry();
  if (isRead) addProcessMetrics(metrics, VERSION);
  return metrics;
}

/** Serves the metrics of a worker at `/metrics`, and nothing else, until disposed. */
export function serveMetrics(
  metrics: Registry,
  { host, port }: { readonly host: string; readonly port: number },
): Result<Disposable & { readonly url: string }, string> {
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      fetch: async (request) => {
        if (new URL(request.url).pathname !== '/metrics') return new Response('only /metrics\n', { status: 404 });
        if (request.method !== 'GET') return new Response('only GET\n', { status: 405, headers: { allow: 'GET' } });
        return new Response(await metrics.metrics(), { headers: { 'content-type': metrics.contentType } });
      },
    });
    const url = new URL('/metrics', server.url).href;
    return success({ url, [Symbol.dispose]: () => void server.stop(true) });
  } catch (error) {
    const why = codeOf(error) === 'EADDRINUSE' ? 'somebody else listens there' : messageOf(error);
    return failure(`worker.metrics_port: cannot listen on ${host}:${port}: ${why}`);
  }
}
