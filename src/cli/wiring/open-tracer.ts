import type { Registry } from 'prom-client';
import { VERSION } from '#cli/version.ts';
import type { Config } from '#config/schema.ts';
import { noTracer, type Tracer } from '#domain/tracing.ts';
import { addTracingMetrics } from '#metrics/tracing-metrics.ts';

interface Traced {
  /** The name of the service that this process is of, and its own one among these. */
  readonly service: readonly [name: string, instance: string];
  readonly config: Config;
  readonly metrics: Registry;
}

/** Opens the tracer of this process. Without a collector nothing of it is loaded, and it only hands the traces of others on. */
export async function openTracer({ service, config, metrics }: Traced): Promise<Tracer & AsyncDisposable> {
  const { url, headers, sample_ratio: sampleRatio } = config.tracing;
  if (url === undefined) return { ...noTracer, [Symbol.asyncDispose]: async () => {} };
  const { openOtlpTracer } = await import('#adapters/tracing/otlp.ts');
  const collector = { url: tracesUrl(url), headers: headersOf(headers) };
  const [name, instance] = service;
  return openOtlpTracer(collector, { name, instance, version: VERSION, sampleRatio }, addTracingMetrics(metrics));
}

/** A collector takes traces at /v1/traces, unless its address has a path of its own. */
function tracesUrl(text: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
}

function headersOf(text: string | undefined): Record<string, string> {
  const pairs = text?.split(',') ?? [];
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
