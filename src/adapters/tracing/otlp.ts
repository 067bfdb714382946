import { type Context, ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { readTraceparent, type Tracer } from '#domain/tracing.ts';
import { boundedQueue, type SpanObserver } from './bounded-queue.ts';

export interface Collector {
  /** The address for traces of a collector that speaks OTLP over HTTP. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TracedService {
  readonly name: string;
  readonly version: string;
  /** What tells this process from others of that name. */
  readonly instance: string;
  /** The share of traces that are kept, of those that begin here. */
  readonly sampleRatio: number;
}

/** Milliseconds for one try to send spans. */
const SEND_MS = 10_000;
/** Milliseconds for sending what is left when the process ends. */
const LAST_MS = 2000;

/**
 * Opens a tracer whose spans go to a collector, in batches and aside of all else. Until it is disposed, and while the
 * collector is away, as many wait as there is room for; the others are dropped, and `observer` hears of it.
 */
export function openOtlpTracer(
  { url, headers }: Collector,
  { name, version, instance, sampleRatio }: TracedService,
  observer: SpanObserver,
): Tracer & AsyncDisposable {
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: SEND_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': name,
      'service.version': version,
      'service.instance.id': instance,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [boundedQueue(exporter, observer)],
  });
  const tracer = provider.getTracer('attune-agent', version);
  return {
    begin: (title, { parent, kind, sinceMs = 0, attributes }) => {
      const options = { startTime: Date.now() - sinceMs, ...(attributes && { attributes }), kind: kindOf(kind) };
      const span = tracer.startSpan(title, options, contextOf(parent));
      return {
        traceparent: textOf(span.spanContext()),
        end: (end = {}) => {
          if (end.attributes) span.setAttributes(end.attributes);
          if (end.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: end.error });
          span.end(Date.now() - (end.agoMs ?? 0));
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, LAST_MS);
      await Promise.race([provider.shutdown().catch(() => {}), late.promise]);
      clearTimeout(timer);
    },
  };
}

function kindOf(kind: 'server' | 'consumer' | undefined): SpanKind {
  if (kind === undefined) return SpanKind.INTERNAL;
  return kind === 'server' ? SpanKind.SERVER : SpanKind.CONSUMER;
}

function contextOf(parent: string | undefined): Context {
  const read = readTraceparent(parent);
  if (!read) return ROOT_CONTEXT;
  const { trace: traceId, span: spanId, flags: traceFlags } = read;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function textOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
